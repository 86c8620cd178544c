"""The scripts that an exported page holds, so that it needs no network: fetched once from npm, kept in a cache folder.

    python -m tools.page_scripts            fetch what is missing (needs npm)
    python -m tools.page_scripts --check    only say whether they are all there; exit 1 if not

Each comes by name and version, and must have the checksum that stands here: it is looked at again at each use.
The folder is unrolled/pages in the user's cache folder (XDG_CACHE_HOME, or .cache in the home folder).
"""

import argparse
import base64
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

from jupyter_core.paths import jupyter_path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "unrolled" / "pages"
FETCH = "make page-scripts"
NO_NPM = (
    "npm is needed to fetch the scripts of the pages. Install it (Debian, Ubuntu: sudo apt install npm), then: " + FETCH
)


class Package(NamedTuple):
    """What npm calls it, the file of it that a page holds first, and npm's sha512 of the whole."""

    name: str
    version: str
    member: str
    sha512: str

    @property
    def path(self):
        """Where it is kept."""
        return CACHE / f"{self.name.rpartition('/')[2]}-{self.version}.tgz"


PACKAGES = {
    "require": Package(
        "requirejs",
        "2.3.8",
        "package/require.js",
        "7/cTSLOdYkNBNJcDMWf+luFvMriVm7eYxp4BcFCsAX0wF421Vyce5SXP17c+Jd5otXKGNehIonFlyQXSowL6Mw==",
    ),
    "mathjax": Package(
        "mathjax",
        "3.2.2",
        "package/es5/tex-svg-full.js",
        "Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
    ),
    "html-manager": Package(
        "@jupyter-widgets/html-manager",
        "1.0.15",
        "package/dist/embed-amd.js",
        "5thBIV6ymNgmPVOHvzx+gGy8ZSKmSazhtGw4/c4xJDVzRhG9PTeQsRjF3FUTopvFi//SABeNz1yp47bCrJ3CQA==",
    ),
    "reveal": Package(
        "reveal.js",
        "4.6.1",  # nbconvert's slides want 4: 6 has another layout
        "package/dist/reveal.js",
        "1CW0auaXNPmwmvQ7TwpszwVxMi2Xr5cTS3J3EBC/HHgbPF32Dn7aiu/LKWDOGjMbaDwKQiGmfqcoGQ74HUHCMw==",
    ),
    "minisearch": Package(
        "minisearch",
        "7.2.0",
        "package/dist/umd/index.js",
        "dqT2XBYUOZOiC5t2HRnwADjhNS2cecp9u+TJRiJ1Qp/f5qjkeT5APcGPjHw+bz89Ms8Jp+cG4AlE+QZ/QnDglg==",
    ),
    "axe": Package(  # for the tests alone: no page holds it
        "axe-core",
        "4.10.3",
        "package/axe.min.js",
        "Xm7bpRXnDSX2YE2YFfBk2FnF0ep6tmG7xPh8iHee8MIcrgq762Nkce856dYtJYLkuIoYZvGfTs/PbZhideTcEg==",
    ),
}


class Missing(Exception):
    """A script is not in the cache folder, or is not what it should be."""


def read_package(package, path):
    """The package's bytes. Missing: there are none, or others than they should be."""
    if not path.is_file():
        raise Missing(f"{package.name} {package.version} has not been fetched yet: {FETCH}")
    content = path.read_bytes()
    if base64.b64encode(hashlib.sha512(content).digest()).decode() != package.sha512:
        raise Missing(f"{package.name} {package.version} does not have its checksum: {FETCH}")
    return content


def fetch(package):
    """Bring a package into the cache folder: whole and checked, or not at all."""
    npm = shutil.which("npm")
    if npm is None:
        raise Missing(NO_NPM)
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        command = [npm, "pack", "--silent", "--pack-destination", folder, f"{package.name}@{package.version}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        packed = list(Path(folder).glob("*.tgz"))
        if done.returncode or len(packed) != 1:
            raise Missing(f"npm could not fetch {package.name} {package.version}: {done.stderr.strip()}")
        read_package(package, packed[0])
        os.replace(packed[0], package.path)


def script(name, member=None):
    """The text of one script, as it may stand between <script> and </script>. Missing: it has to be fetched.

    member is another file of the package than its first one.
    """
    if name == "anywidget":  # comes with the Python package, so that the two are of one version
        return inline(anywidget())
    package = PACKAGES[name]
    read_package(package, package.path)
    with tarfile.open(package.path) as archive:
        return inline(archive.extractfile(member or package.member).read().decode("utf-8"))


def scripts():
    """{name: text} of all that a page or its slides hold. Missing: one of them has to be fetched."""
    found = {name: script(name) for name in ("require", "anywidget", "reveal")}
    found |= {name: pack(script(name)) for name in ("mathjax", "html-manager")}
    found["reveal-notes"] = script("reveal", "package/plugin/notes/notes.js")
    style = "".join(script("reveal", f"package/dist/{name}.css") for name in ("reveal", "theme/white"))
    found["reveal-style"] = re.sub(r"@import [^;]+;", "", style)  # of a font: the slides have the pages'
    return found


def anywidget():
    """anywidget's script under the name by which a page's widgets ask for it."""
    for folder in jupyter_path("nbextensions"):
        path = Path(folder, "anywidget", "index.js")
        if path.is_file():
            start, *rest = path.read_text("utf-8").split('define(["@jupyter-widgets/base"]')
            if len(rest) != 1:
                raise Missing(
                    f"{path.name} of anywidget is not the AMD module that it was: look at tools/page_scripts.py"
                )
            return f'{start}define("anywidget", ["@jupyter-widgets/base"]{rest[0]}'
    raise Missing("anywidget's nbextension is not installed in this environment")


def pack(source):
    """A large script at a third of its size: a page unpacks it as it opens (page/unpack.js)."""
    return base64.b64encode(gzip.compress(source.encode("utf-8"), mtime=0)).decode()


def inline(source):
    """A script that does not end the element it stands in."""
    return source.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="fetch nothing")
    options = parser.parse_args()
    for package in PACKAGES.values():
        try:
            read_package(package, package.path)
        except Missing as missing:
            if options.check:
                sys.exit(str(missing))
            try:
                fetch(package)
            except Missing as missing:
                sys.exit(str(missing))
            print(f"fetched {package.name} {package.version}")


if __name__ == "__main__":
    main()
