"""Where a course is run: without a home, read-only, at any path, with CRLF, on any console. Nothing raises there."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import patience

ROOT = Path(__file__).parents[2]
AM_ROOT = getattr(os, "geteuid", lambda: 1)() == 0
# Another user, who reads what root can (the environment may lie in root's own folder), and writes nothing.
READER = "setpriv --reuid=54321 --regid=54321 --clear-groups --inh-caps={0} --ambient-caps={0}"
READER = READER.format("+dac_read_search").split()
FROM_ROOT = pytest.mark.skipif(not (AM_ROOT and shutil.which("setpriv")), reason="root becomes another user by setpriv")
LOCKS = pytest.mark.skipif(
    os.name == "nt" or (AM_ROOT and not shutil.which("setpriv")), reason="no folder can be locked: Windows, or root"
)
OURS = ("HOME", "XDG_DATA_HOME", "UNROLLED_PROGRESS", "NBGRADER_EXECUTION", "PYTHONIOENCODING")
ANSWERS = """
import numpy as np
from unrolled.exercises import check, progress
def no_bias(x, h_prev, W_xh, W_hh, b_h):
    print("순환 ∂L −1")
    return np.tanh(x @ W_xh + h_prev @ W_hh)
check.rnn_step(no_bias)
check.rnn_step(lambda x, h_prev, W_xh, W_hh, b_h: np.tanh(x @ W_xh + h_prev @ W_hh + b_h))
progress()
"""
NO_HOME = """
import pathlib
def home(cls): raise RuntimeError("Could not determine home directory.")
pathlib.Path.home = classmethod(home)
"""


@pytest.fixture
def checkout(tmp_path):
    """checkout(name): a copy of the package, its data and its notebooks in a folder of this name."""

    def copy(name):
        for part in ("lib/unrolled", "data", "notebooks"):
            shutil.copytree(ROOT / part, tmp_path / name / part, ignore=shutil.ignore_patterns("__pycache__"))
        return tmp_path / name

    return copy


def run(*arguments, home=ROOT, before=(), **variables):
    """Python with the package of this checkout, and no variable of ours but these."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    environment = kept | {"PYTHONPATH": str(home / "lib"), "PYTHONDONTWRITEBYTECODE": "1", **variables}
    encoding = variables.get("PYTHONIOENCODING", "utf-8")
    command = [*before, sys.executable, *map(str, arguments)]
    how = {"cwd": home, "env": environment, "stderr": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.run(command, **how, encoding=encoding, timeout=120 * patience())


def verdicts(done):
    """Both answers were judged, and progress() counted: what it counted."""
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Not yet, rnn_step: ")
    assert "Your mistake: b_h is missing." in lines
    assert any(line.startswith("Right, rnn_step") for line in lines)
    return done.stdout[done.stdout.index("Right so far") :]


def said_once(done):
    assert verdicts(done).startswith("Right so far: 0 of")
    assert done.stderr.count("your progress cannot be kept") == 1, done.stderr
    assert "UNROLLED_PROGRESS" in done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.slow
def test_without_a_home_the_verdicts_come_and_once_that_nothing_is_kept():
    assert "this user has no home folder" in said_once(run("-c", NO_HOME + ANSWERS))


@pytest.mark.slow
@FROM_ROOT
def test_a_user_whom_the_machine_does_not_know():
    assert "this user has no home folder" in said_once(run("-c", ANSWERS, before=READER))
    report = run("-m", "unrolled.environment", before=READER)
    assert "warning  progress" in report.stdout
    assert "has no home folder" in report.stdout


@pytest.mark.slow
@pytest.mark.parametrize("place", [pytest.param("locked", marks=LOCKS), "a_file", "a_folder"])
def test_where_the_progress_file_cannot_be(place, tmp_path):
    (tmp_path / "a_file").touch()
    for folder in ("a_folder/progress.json", "locked"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "locked").chmod(stat.S_IRUSR | stat.S_IXUSR)
    before = READER if place == "locked" and AM_ROOT else ()
    variables = {"before": before, "UNROLLED_PROGRESS": str(tmp_path / place / "progress.json")}
    said_once(run("-c", ANSWERS, **variables))
    assert "warning  progress" in run("-m", "unrolled.environment", **variables).stdout


def test_the_verdict_stands_before_the_warning(tmp_path):
    (tmp_path / "a_file").touch()
    script = "import os\nos.dup2(1, 2)\n" + ANSWERS
    lines = run("-c", script, UNROLLED_PROGRESS=str(tmp_path / "a_file" / "p.json")).stdout.splitlines()
    warned = next(i for i, line in enumerate(lines) if "cannot be kept" in line)
    assert lines[0].startswith("Not yet, rnn_step")
    assert 0 < warned < next(i for i, line in enumerate(lines) if line.startswith("Right, "))


@pytest.mark.slow
@LOCKS
def test_a_checkout_that_is_read_only(checkout, tmp_path):
    home, before = checkout("read only"), READER if AM_ROOT else ()
    folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
    try:
        for path in [*folders, *(path for path in home.rglob("*") if path.is_file())]:
            path.chmod(path.stat().st_mode & ~0o222)
        said_once(run("-c", NO_HOME + ANSWERS, home=home, before=before))
        report = run("-m", "unrolled.environment", home=home, before=before)
        assert report.returncode == 1
        assert "problem  folder" in report.stdout
        assert "unrolled-copy" in report.stdout
        refused = run("-m", "unrolled.course", "copy", home / "mine", home=home, before=before)
        assert refused.stderr.startswith("the notebooks cannot be written: ")
    finally:
        for path in folders:
            path.chmod(0o755)


@pytest.mark.slow
def test_a_path_with_spaces_and_hangul(checkout, tmp_path):
    home = checkout("내 수업 2026 (가을)")
    kept = home / "내 진도" / "progress.json"
    done = run("-c", ANSWERS, home=home, UNROLLED_PROGRESS=str(kept))
    assert verdicts(done).startswith("Right so far: 1 of")
    assert json.loads(kept.read_text("utf-8")) == {"rnn_step": True}
    assert "runs from the course's own folder" in run("-m", "unrolled.environment", home=home).stdout
    assert run("-m", "unrolled.course", "copy", home / "내 복사본", home=home).returncode == 0
    assert len(list((home / "내 복사본").glob("*.ipynb"))) == len(list((ROOT / "notebooks").glob("*.ipynb")))
    job = "from functools import partial; from unrolled.experiments.runner import run; "
    job += "print([made.numbers for made in run({'a': partial(dict, x=1.0)}, processes=1)])"
    assert run("-c", job, home=home).stdout == "[{'x': 1.0}]\n"


TOLD = """
import hashlib, json
from unrolled import data
from unrolled.course import notebooks
from unrolled.data.corpora import corpus
from unrolled.exercises import EXERCISES
from unrolled.widgets import base
of = lambda text: hashlib.sha256(text.encode()).hexdigest()
for name in ("tales", "tales_ko"):
    text = corpus(name).text
    print(name, len(text), "".join(sorted(set(text))), of(text))
print(len(data.glossary()), data.ko("hidden state"))
print(data.results("forget_bias"))
print(of(base.source("axes", "chart", "explorer")))
print(sum(len(exercise.wrong) for exercise in EXERCISES.values()))
for path in sorted(notebooks.folder().glob("*.ipynb")):
    print(path.name, of(json.dumps(json.loads(path.read_text("utf-8")), sort_keys=True)))
"""


@pytest.mark.slow
def test_a_checkout_with_crlf_gives_the_same(checkout):
    home = checkout("crlf")
    text = {".py", ".js", ".css", ".csv", ".txt", ".md", ".ipynb"}
    for path in home.rglob("*"):
        if path.suffix in text:
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    told, expected = (run("-c", TOLD, home=place) for place in (home, ROOT))
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == expected.stdout
    verdicts(run("-c", ANSWERS, home=home))
    report = run("-m", "unrolled.environment", home=home).stdout
    assert "warning  unrolled" in report
    assert "checkout -- data" in report


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no checkout by Git: there is nothing that it could convert")
@pytest.mark.parametrize("setting", [["core.autocrlf=true"], ["core.autocrlf=false", "core.eol=crlf"]])
def test_git_gives_the_same_bytes_on_every_system(setting, tmp_path):
    """.gitattributes is stronger than core.autocrlf, which Git for Windows sets."""
    options = [word for one in setting for word in ("-c", one)]
    subprocess.run(["git", *options, "checkout-index", "--all", f"--prefix={tmp_path}/"], cwd=ROOT, check=True)
    stored = [path for path in tmp_path.rglob("*") if path.is_file() and b"\0" not in path.read_bytes()[:8000]]
    assert len(stored) > 100
    assert [path.name for path in stored if b"\r\n" in path.read_bytes()] == []


REFUSED = """
RIGHT = {"first_step": [("순환 − 되돌림", lambda x, h_prev: x)]}
WRONG = {}
"""


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp949", "cp1252", "ascii"])
def test_a_console_that_lacks_characters_loses_nothing(encoding, tmp_path):
    variables = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "UNROLLED_PROGRESS": str(tmp_path / "p.json")}
    done = run("-c", ANSWERS, **variables)
    assert verdicts(done).startswith("Right so far: 1 of")
    printed = next(line for line in done.stdout.splitlines() if line.startswith("It printed: "))
    shown = "순환 ∂L −1".encode(encoding, "backslashreplace").decode(encoding)
    assert printed == f"It printed: {shown}"
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "mine.py").write_text(REFUSED, "utf-8")
    few = "import runpy, sys, unrolled.exercises as room\nroom.LESSONS = {'00': room.LESSONS['00']}\n"
    few += (
        f"sys.argv[1:] = [{str(tmp_path / 'answers')!r}]\nrunpy.run_module('unrolled.exercises', run_name='__main__')"
    )
    commands = [("-c", few), ("-m", "unrolled.experiments", "--list"), ("-m", "unrolled.environment")]
    commands += [("-m", "unrolled.course", "copy", tmp_path / "바다")]
    for command in commands:
        done = run(*command, **variables)
        assert (done.returncode, done.stderr) == (0, ""), command
    report = " ".join(run("-m", "unrolled.environment", **variables).stdout.split())
    assert f"warning console {encoding} lacks characters of the course, as '\\u2212', and writes them so." in report
