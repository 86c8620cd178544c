"""One list of dependencies: pyproject.toml says it, and environment.yml, constraints.txt and the Makefile agree."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
PYTHONS = ["3.11.4", "3.11.7", "3.12.1", "3.13.0", "3.14.0"]


def dependencies(project):
    return [*project["dependencies"], *project["optional-dependencies"]["test"]]


NEEDED = dependencies(PROJECT)


def bounds(requirements):
    """{"numpy": ">=2.0"} from ["numpy>=2.0"]."""
    parsed = [Requirement(line) for line in requirements]
    return {canonicalize_name(each.name): str(each.specifier) for each in parsed}


def pins(text):
    """The requirements of a constraints file, without their hashes. ValueError: a line that is no pin with hashes."""
    found = []
    for entry in re.split(r"\n(?=\S)", text.strip()):
        requirement, *hashes = re.split(r"\s*\\\n\s+", entry)
        if not hashes or not all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one) for one in hashes):
            raise ValueError(f"not a pin with its hashes: {requirement}")
        pin = Requirement(requirement)
        if pin.url or not re.fullmatch(r"==[\w.!+]+", str(pin.specifier)):
            raise ValueError(f"not a name and a version: {requirement}")
        found.append(pin)
    return found


def unmet(requirements, pinned, python):
    """The requirements that these pins leave unmet under this version of Python."""
    environment = {**default_environment(), "python_full_version": python, "python_version": python.rpartition(".")[0]}
    chosen = {
        canonicalize_name(pin.name): Version(str(pin.specifier)[2:])
        for pin in pinned
        if pin.marker is None or pin.marker.evaluate(environment)
    }
    met = lambda wanted: (name := canonicalize_name(wanted.name)) in chosen and chosen[name] in wanted.specifier
    return [line for line in requirements if not met(Requirement(line))]


def conda_faults(environment, project):
    """Where environment.yml and the dependencies of pyproject.toml differ."""
    *packages, pip = environment["dependencies"]
    found = bounds(re.sub(r"(?<![<>=])=(?!=)", "==", line) for line in packages)  # conda writes python=3.12
    python, needed = found.pop("python", ""), bounds(dependencies(project)) | {"pip": ""}
    wrong = [
        f"{name}{found.get(name, ' is not in environment.yml')}" for name in needed if found.get(name) != needed[name]
    ]
    wrong += [f"{name} is not in pyproject.toml" for name in found.keys() - needed.keys()]
    if not python.startswith("==") or python[2:] not in SpecifierSet(project["requires-python"]):
        wrong.append(f"python{python}")
    if environment["channels"] != ["conda-forge", "nodefaults"]:
        wrong.append("the channel must be conda-forge alone")
    return wrong if pip == {"pip": ["-e ."]} else [*wrong, "the course itself is installed by pip, editable"]


def test_conda_and_pip_get_the_same_dependencies():
    assert conda_faults(yaml.safe_load((ROOT / "environment.yml").read_text("utf-8")), PROJECT) == []


def test_every_dependency_has_a_lower_bound_and_nothing_else():
    extras = [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
    every = [*PROJECT["dependencies"], *extras, *PYPROJECT["build-system"]["requires"]]
    assert [line for line in every if not re.fullmatch(r"[a-z][a-z0-9-]+>=[\d.]+", line)] == []


def test_the_constraints_pin_all_that_is_needed():
    pinned = pins((ROOT / "constraints.txt").read_text("utf-8"))
    for python in PYTHONS:
        assert unmet([*NEEDED, *PYPROJECT["build-system"]["requires"]], pinned, python) == []


@pytest.mark.parametrize("extra, name", [("torch", "TORCH"), ("teach", "NBGRADER"), ("notebook", "NOTEBOOK")])
def test_the_makefile_pins_what_the_extra_allows(extra, name):
    version = re.search(rf"^{name}_VERSION := (\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.M)[1]
    (needed,) = PROJECT["optional-dependencies"][extra]
    assert version in Requirement(needed).specifier


def test_the_workflow_installs_the_makefiles_nbgrader():
    version = re.search(r"^NBGRADER_VERSION := (\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.M)[1]
    assert f"nbgrader=={version}" in (ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8")


def test_the_citation_names_the_packages_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    source = (ROOT / "lib" / "unrolled" / "__init__.py").read_text("utf-8")
    assert f'__version__ = "{citation["version"]}"' in source


SMALL = {
    "requires-python": ">=3.11",
    "dependencies": ["numpy>=2.0"],
    "optional-dependencies": {"test": ["pytest>=8.2"]},
}
LINES = ["python=3.12", "numpy>=2.0", "pytest>=8.2", "pip"]


@pytest.mark.parametrize(
    "lines, found",
    [
        (LINES, []),
        (["python=3.12", "numpy>=1.26", "pytest>=8.2", "pip"], ["numpy>=1.26"]),
        (["python=3.12", "numpy>=2.0", "pip"], ["pytest is not in environment.yml"]),
        ([*LINES, "pandas>=2.2"], ["pandas is not in pyproject.toml"]),
        (["python=3.10", *LINES[1:]], ["python==3.10"]),
        (["python>=3.11", *LINES[1:]], ["python>=3.11"]),
    ],
)
def test_a_difference_between_conda_and_pip_is_found(lines, found):
    channels = ["conda-forge", "nodefaults"]
    assert conda_faults({"channels": channels, "dependencies": [*lines, {"pip": ["-e ."]}]}, SMALL) == found
    assert len(conda_faults({"channels": ["defaults"], "dependencies": [*lines, {}]}, SMALL)) == len(found) + 2


GOOD = f"numpy==2.4.6 ; python_full_version < '3.12' \\\n    --hash=sha256:{'0' * 64}\n"


def test_a_pin_that_does_not_satisfy_is_found():
    assert unmet(["numpy>=2.0"], pins(GOOD), "3.11.7") == []
    assert unmet(["numpy>=2.5"], pins(GOOD), "3.11.7") == ["numpy>=2.5"]
    assert unmet(["numpy>=2.0"], pins(GOOD), "3.12.1") == ["numpy>=2.0"], "the marker leaves it out"
    assert unmet(["tqdm>=4"], pins(GOOD), "3.11.7") == ["tqdm>=4"]


@pytest.mark.parametrize(
    "line", ["numpy==2.4.6", "--find-links wheels", "numpy>=2.4 \\\n    --hash=sha256:" + "0" * 64]
)
def test_constraints_that_hold_more_than_pins_are_found(line):
    with pytest.raises(ValueError, match="not a "):
        pins(GOOD + line + "\n")
