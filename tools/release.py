"""Put the site, with all handouts and slides, into one zip with a checksum: for readers without git and Python.

python -m tools.release            after make handouts; writes build/release/unrolled-<version>.zip
"""

import hashlib
import zipfile
from importlib.metadata import version
from pathlib import Path

BUILD = Path(__file__).parents[1] / "build"
READ_ME = """Unrolled {version}: the recurrent-network lecture that you can run.

Open site/index.html in a browser: no network and no Python is needed.
site/handouts/ holds each lesson as a page and as a PDF, site/slides/ as slides.
SHA256SUMS lists the checksum of each file: sha256sum --check SHA256SUMS
"""


def files(build):
    """The files that belong to a release. FileNotFoundError: the site has not been built."""
    if not (build / "site" / "index.html").is_file():
        raise FileNotFoundError(f"{build / 'site'} has not been built yet: make handouts")
    return [path for path in sorted((build / "site").rglob("*")) if path.is_file() and path.suffix != ".part"]


def release(build, name):
    """Write build/release/<name>.zip and its checksum beside it; the same files make the same zip."""
    target = build / "release" / f"{name}.zip"
    target.parent.mkdir(exist_ok=True)
    contents = {path.relative_to(build).as_posix(): path.read_bytes() for path in files(build)}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {place}\n" for place, content in contents.items())
    contents |= {"SHA256SUMS": sums.encode(), "README.txt": READ_ME.format(version=version("unrolled")).encode()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, content in contents.items():
            archive.writestr(zipfile.ZipInfo(f"{name}/{place}"), content, zipfile.ZIP_DEFLATED)
    total = hashlib.sha256(target.read_bytes()).hexdigest()
    target.with_suffix(".zip.sha256").write_text(f"{total}  {target.name}\n", "utf-8")
    return target


if __name__ == "__main__":
    written = release(BUILD, f"unrolled-{version('unrolled')}")
    print(f"{written}: {written.stat().st_size / 1e6:.0f} MB")
