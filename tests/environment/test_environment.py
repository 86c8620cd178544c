"""check_environment: each thing that can be wrong is said in a sentence, with a command that mends it."""

import os
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata, util
from pathlib import Path
from subprocess import list2cmdline

import pytest

from unrolled import data, environment
from unrolled.environment import Finding, Report, check_environment

ROOT = Path(environment.__file__).resolve().parents[3]
TYPED, PYTHON = list2cmdline([ROOT]), list2cmdline([sys.executable])  # as one types them
NOTEBOOKS = ROOT / "notebooks"
LAST = ["unrolled", "kernel", "folder", "progress", "place", "console", "BLAS", "PyTorch"]


@pytest.fixture(autouse=True)
def in_the_notebooks_folder(monkeypatch):
    monkeypatch.chdir(NOTEBOOKS if NOTEBOOKS.is_dir() else ROOT)


def names():
    """What is looked at wherever the course is."""
    return [each.name for each in check_environment() if each.name not in ("Notebook", "nbgrader")]


def finding(name):
    return {each.name: each for each in check_environment()}[name]


class Installed:
    """A distribution as importlib.metadata gives it, with something changed."""

    def __init__(self, name="unrolled", *, place=None, requires=None, python=">=3.11"):
        self._real = metadata.distribution(name)
        self._place, self.metadata = place, {"Requires-Python": python}
        self.requires = self._real.requires if requires is None else requires
        self.version = self._real.version

    def locate_file(self, path):
        return self._place or self._real.locate_file(path)


@pytest.fixture
def install(monkeypatch):
    """install(name=distribution or None): what importlib.metadata finds under this name."""
    real = metadata.distributions

    def change(**found):
        def distributions(*, name):
            return ([found[name]] if found[name] else []) if name in found else real(name=name)

        monkeypatch.setattr(metadata, "distributions", distributions)

    return change


class Version:
    def __init__(self, version):
        self.version = version


def raising(error):
    def function(*arguments, **keywords):
        raise error

    return function


def test_this_environment_has_no_problem():
    report = check_environment()
    assert report.problems == [], str(report)
    assert names()[-8:] == LAST


def test_every_dependency_is_looked_at_and_nothing_else():
    runtime = [line for line in metadata.requires("unrolled") if "extra" not in line]
    assert names()[1:-8] == [line.partition(">=")[0] for line in runtime]
    assert names()[0] == "Python"


def test_what_is_in_order_shows_no_path_of_this_machine():
    for each in check_environment():
        assert each.verdict != "ok" or not (str(ROOT) in each.sentence or sys.prefix in each.sentence)


def test_python_is_too_old(install):
    install(unrolled=Installed(python=">=9.1"))
    [old] = check_environment()
    assert old.verdict == "problem"
    assert old.sentence.endswith("is too old; the course needs 9.1 or newer.")
    assert old.remedy == "make clean lab PYTHON=python3.12"


@pytest.mark.parametrize(
    "version, verdict, sentence",
    [
        (None, "problem", "is not installed; the course needs 2.0 or newer."),
        ("1.26.4", "problem", "1.26.4 is too old; the course needs 2.0 or newer."),
        ("2.0.0", "ok", "2.0.0 (2.0 or newer is needed)"),
        ("2", "ok", "2 (2.0 or newer is needed)"),
        ("2.0rc1", "ok", "2.0rc1 (2.0 or newer is needed)"),
        ("10.1", "ok", "10.1 (2.0 or newer is needed)"),
    ],
)
def test_a_dependency_is_there_and_new_enough(install, version, verdict, sentence):
    requires = ["numpy>=2.0", "torch>=2.13; extra == 'torch'"]
    install(numpy=version and Version(version), unrolled=Installed(requires=requires))
    found = finding("numpy")
    assert (found.verdict, found.sentence) == (verdict, sentence)
    assert ("install" in found.remedy and TYPED in found.remedy) == (verdict == "problem")


def test_the_course_is_not_installed(install):
    install(unrolled=None)
    [missing] = check_environment()
    assert missing.verdict == "problem"
    assert missing.sentence == f"is not installed in {sys.prefix}."
    assert missing.remedy.endswith(f"-e {TYPED}")


def test_the_notebooks_are_those_of_another_copy(tmp_path, monkeypatch):
    (tmp_path / "lib" / "unrolled").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert "dependencies" not in finding("kernel").sentence, "there is no pyproject.toml to compare with"
    found = finding("unrolled")
    assert found.verdict == "problem"
    assert (
        found.sentence == f"Python uses the package in {ROOT / 'lib' / 'unrolled'}, not the one in the course's folder."
    )
    assert found.remedy.endswith(f"-e {tmp_path}")


@pytest.fixture
def installed(install, tmp_path, monkeypatch):
    """The package as a wheel leaves it, with no checkout around: the folder in which it lies."""
    place = tmp_path.resolve() / "site-packages"
    monkeypatch.setattr(environment, "PACKAGE", place / "unrolled")
    monkeypatch.chdir(tmp_path)
    install(unrolled=Installed(place=place))
    return place


def test_an_installed_package_needs_no_checkout(installed):
    report = check_environment()
    assert report.problems == [], str(report)
    found = {each.name: each for each in report}
    assert found["unrolled"].sentence == "runs as installed, with its data"
    assert (found["kernel"].verdict, found["kernel"].sentence) == ("ok", "runs where the course is installed")


def test_an_installed_package_without_its_data(installed, monkeypatch):
    monkeypatch.setattr(data, "folder", raising(FileNotFoundError()))
    found = finding("unrolled")
    assert (found.verdict, found.sentence) == ("problem", f"{installed / 'unrolled'} came without the course's data.")
    assert found.remedy.endswith("install unrolled-*.whl")


def test_the_versions_of_an_installed_package_are_those_of_another(installed, install, tmp_path):
    install(unrolled=Installed(place=tmp_path))
    found = finding("kernel")
    assert found.verdict == "warning"
    assert str(installed / "unrolled") in found.sentence
    assert str(tmp_path.resolve()) in found.sentence


def test_without_a_checkout_the_remedy_names_the_package(installed, install, monkeypatch):
    install(numpy=Version("1.26.4"), unrolled=Installed(place=installed, requires=["numpy>=2.0"]))
    assert finding("numpy").remedy == list2cmdline([sys.executable, "-m", "pip", "install", "numpy>=2.0"])
    monkeypatch.setattr(tempfile, "TemporaryFile", raising(PermissionError(13, "Permission denied")))
    assert finding("folder").remedy == f"{PYTHON} -m unrolled.course copy ~/unrolled-copy"


def test_the_course_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert finding("unrolled").verdict == "ok"


def test_data_is_not_there(monkeypatch):
    monkeypatch.setattr(data, "folder", raising(FileNotFoundError()))
    found = finding("unrolled")
    assert found.verdict == "problem"
    assert found.sentence == f"{ROOT / 'data'} is not there, or not whole."
    assert found.remedy == f"git -C {TYPED} checkout -- data"


def test_the_course_is_installed_outside_this_environment(install, tmp_path):
    install(unrolled=Installed(place=tmp_path))
    found = finding("kernel")
    assert found.verdict == "warning"
    assert found.sentence == (
        f"Python runs in {Path(sys.prefix).resolve()}, but finds the course through {tmp_path.resolve()}, outside it."
    )
    assert "install" in found.remedy


@pytest.mark.parametrize("changed", [["numpy>=2.0"], ["numpy>=1.0", "tqdm>=4.66"], []])
def test_the_dependencies_have_changed_since(install, tmp_path, monkeypatch, changed):
    """As after a git pull: the installation still tells the old ones."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "unrolled").symlink_to(ROOT / "lib" / "unrolled", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    project = '[project]\ndependencies = ["numpy>=2.0", "tqdm>=4.66"]  # 순환\n'
    (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
    install(unrolled=Installed(requires=["numpy>=2.0", "tqdm>=4.66", "torch>=2.13; extra == 'torch'"]))
    assert finding("kernel").verdict == "ok"
    assert finding("kernel").sentence.startswith(f"runs in the environment {Path(sys.prefix).name}")
    install(unrolled=Installed(requires=changed))
    found = finding("kernel")
    assert found.verdict == "warning"
    assert found.sentence == "The dependencies changed after the course was installed."
    assert found.remedy.endswith(f"-e {tmp_path}")


def test_the_folder_cannot_be_written_to(monkeypatch):
    def temporary_file(dir):
        assert Path(dir) == Path.cwd()
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", temporary_file)
    found = finding("folder")
    assert found.verdict == "problem"
    assert found.sentence.startswith(f"{Path.cwd()} cannot be written to (Permission denied)")
    assert found.remedy == f"cp -r {TYPED} ~/unrolled-copy && make -C ~/unrolled-copy clean lab"


@pytest.mark.parametrize("variable", environment.PLACES)
def test_the_place_is_told_with_what_one_must_know_there(monkeypatch, variable):
    for other in environment.PLACES:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert finding("place").sentence == "an account of your own on this machine"
    monkeypatch.setenv(variable, "1")
    assert finding("place").sentence == environment.PLACES[variable]
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert finding("place").sentence == f"{environment.PLACES[variable]} {environment.AS_ROOT}"


def test_a_package_that_was_installed_anew_under_a_running_kernel(install, monkeypatch):
    install(numpy=Version("99.0"), unrolled=Installed(requires=["numpy>=98.0"]))
    found = finding("numpy")
    assert found.verdict == "problem"
    assert found.sentence.startswith("99.0 is installed, but ")
    assert found.remedy.startswith("restart the kernel")


def test_blas_tells_its_threads():
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        assert "threads: 1; cores: " in finding("BLAS").sentence


def test_a_blas_that_tells_nothing_is_no_error(monkeypatch):
    import threadpoolctl

    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: [{"user_api": "openmp"}])
    assert finding("BLAS").sentence.startswith("one that does not tell; cores: ")
    assert finding("BLAS").verdict == "ok"


@pytest.mark.parametrize("module", ["numpy", "threadpoolctl"])
def test_a_package_that_does_not_load(monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    found = finding("BLAS")
    assert found.verdict == "problem"
    assert found.sentence.startswith("NumPy cannot be asked for it: ")
    assert module in found.sentence
    assert "install" in found.remedy


def test_what_a_teacher_or_another_client_needs_is_told_where_it_is_installed(install, monkeypatch):
    install(notebook=Version("7.6.5"), nbgrader=Version("0.9.6"))
    assert finding("Notebook").sentence.startswith("7.6.5: `jupyter notebook notebooks`")
    monkeypatch.setattr(environment, "which", {"alembic": "there"}.get)
    assert finding("nbgrader").verdict == "ok"
    monkeypatch.setattr(environment, "which", {}.get)
    found = finding("nbgrader")
    assert (found.verdict, found.remedy.startswith("export PATH=")) == ("warning", True)
    install(notebook=None, nbgrader=None)
    assert {"Notebook", "nbgrader"}.isdisjoint(each.name for each in check_environment())


def test_torch_is_told_and_not_asked_for(install):
    install(torch=None)
    found = finding("PyTorch")
    assert (found.verdict, found.remedy) == ("ok", "")
    said = "is not here. `make test TORCH=1` installs it, and compares the course with it. No lesson needs it."
    assert found.sentence == said
    install(torch=Version("2.13.0+cpu"))
    found = finding("PyTorch")
    assert (found.verdict, found.sentence) == (
        "ok",
        "2.13.0+cpu: the tests compare the course with it. No lesson needs it.",
    )


def test_the_remedy_installs_into_this_environment(install, monkeypatch):
    install(unrolled=None)
    for has_pip, start in [(True, f"{PYTHON} -m pip install -e"), (None, f"uv pip install --python {PYTHON} -e")]:
        monkeypatch.setattr(util, "find_spec", lambda name, has_pip=has_pip: has_pip)
        assert check_environment()[0].remedy == f"{start} {TYPED}"


def test_a_folder_with_a_space_is_quoted(tmp_path, monkeypatch):
    home = tmp_path / "my course"
    (home / "lib" / "unrolled").mkdir(parents=True)
    monkeypatch.chdir(home)
    assert finding("unrolled").remedy.endswith(f'-e "{home}"')


def test_the_table():
    far = "is " + "far " * 20 + "away."
    rows = Finding("numpy", "ok", "2.4"), Finding("kernel", "warning", far, "pip install " + "x" * 90)
    lines = str(Report(rows)).splitlines()
    assert lines[0] == "ok       numpy   2.4"
    assert lines[1].startswith("warning  kernel  is far")
    assert all(len(line) <= 80 for line in lines if "Mend it" not in line)
    assert lines[-2] == " " * 17 + "Mend it:  pip install " + "x" * 90
    assert lines[-1] == "Everything needed is in place."
    assert str(Report([Finding("numpy", "problem", "is not installed.")])).endswith("Mend it, restart, and look again.")


def run(*options, **how):
    command = [sys.executable, *options, "-m", "unrolled.environment"]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", **how)


def test_the_command_prints_the_table_and_its_exit_status_says_whether_there_is_a_problem(tmp_path):
    good = run()
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.strip() == str(check_environment())
    (tmp_path / "lib" / "unrolled").mkdir(parents=True)
    bad = run(cwd=tmp_path)
    assert bad.returncode == 1
    assert "problem  unrolled" in bad.stdout


def test_the_command_runs_without_a_single_package(tmp_path):
    """With site-packages left out, and the package's files alone, as on a machine with nothing installed."""
    shutil.copytree(ROOT / "lib" / "unrolled", tmp_path / "lib" / "unrolled")
    bare = run("-S", cwd=tmp_path / "lib")
    assert (bare.returncode, bare.stderr) == (1, "")
    assert "problem  unrolled  is not installed" in bare.stdout
