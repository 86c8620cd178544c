"""Photographs that installed packages ship as samples: read where they lie, never copied, never fetched."""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from unrolled.data.pictures import read_picture

# package: its folder of samples, and what a person sees on them. scikit-image fetches its other samples by network.
SHIPPED = {
    "matplotlib": ("mpl-data/sample_data", {"grace_hopper.jpg": "a woman in a navy uniform before a flag"}),
    "skimage": (
        "data",
        {
            "coffee.png": "a cup of coffee on a red saucer", "chelsea.png": "the face of a cat",
            "rocket.jpg": "a rocket at night",
        },
    ),
    "sklearn": ("datasets/images", {"flower.jpg": "an orange flower", "china.jpg": "a temple by a lake"}),
}  # fmt: skip


class Photograph(NamedTuple):
    """what: a person's caption; source: the package; path: the file; images (1, size, size, 3): see `read_picture`."""

    what: str
    source: str
    path: Path
    images: np.ndarray


def photographs(size=32):
    """The sample photographs of the packages that are installed -> [Photograph], Matplotlib's first.

    Matplotlib's comes with the course; scikit-image's and scikit-learn's are there where a reader has these packages,
    of which nothing is imported. [] where none of the files is there: some systems pack samples apart.
    """
    found = []
    for package, (folder, files) in SHIPPED.items():
        spec = find_spec(package)
        for root in (spec and spec.submodule_search_locations) or ():
            paths = {Path(root) / folder / name: what for name, what in files.items()}
            found += [
                Photograph(what, package, path, read_picture(path, size))
                for path, what in paths.items()
                if path.is_file()
            ]
    return found
