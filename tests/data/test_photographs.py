"""Sample photographs of installed packages: found without an import, in the form of the captioner's pictures."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from unrolled.data import photographs as module
from unrolled.data.photographs import photographs
from unrolled.data.scenes import scenes


def test_matplotlibs_photograph_comes_first_and_has_the_form_of_a_scene():
    first, *_ = photographs()
    assert (first.source, first.path.name) == ("matplotlib", "grace_hopper.jpg")
    (image,), scene = first.images, scenes.draw(np.random.default_rng(1), 1).images[0]
    assert (image.shape, image.dtype) == (scene.shape, scene.dtype)
    assert image.min() >= 0
    assert image.max() <= 1
    assert np.ptp(image, axis=(0, 1)).min() > 0.5, "it shows something, in each colour"


def test_each_has_a_caption_and_a_file_that_stays_where_it_is():
    found = photographs(size=64)
    assert all(each.what and each.path.is_file() and each.images.shape == (1, 64, 64, 3) for each in found)
    assert len({each.path for each in found}) == len(found)


def test_nothing_of_the_packages_is_imported():
    code = (
        "import sys; from unrolled.data.photographs import photographs; photographs();"
        " print(*sys.modules.keys() & {'matplotlib', 'skimage', 'sklearn', 'pooch'})"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package `skimage` of which one sample is there."""
    (tmp_path / "skimage" / "data").mkdir(parents=True)
    (tmp_path / "skimage" / "__init__.py").write_text("raise ImportError('it is not imported')")
    Image.new("RGB", (8, 4), "red").save(tmp_path / "skimage" / "data" / "coffee.png")
    monkeypatch.syspath_prepend(tmp_path)


def test_samples_that_are_not_shipped_are_left_out(package):
    (found,) = (each for each in photographs(size=8) if each.source == "skimage")
    assert found.what == "a cup of coffee on a red saucer"
    assert np.array_equal(found.images[0, 4], np.tile(np.float32([1, 0, 0]), (8, 1)))
    assert (found.images[0, 0] == 1).all(), "made square with white margins"


def test_packages_that_are_not_installed_are_left_out(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert photographs() == []
