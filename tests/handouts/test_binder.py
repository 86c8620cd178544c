"""Binder builds the course from environment.yml: nothing else takes its place, and repo2docker can read it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.patience import patience

ROOT = Path(__file__).parents[2]
INSTEAD = ("binder", ".binder", "requirements.txt", "Dockerfile", "runtime.txt", "postBuild")


def test_nothing_takes_the_place_of_environment_yml():
    assert [name for name in INSTEAD if (ROOT / name).exists()] == []


@pytest.mark.skipif(shutil.which("repo2docker") is None, reason="repo2docker is not installed, and no test needs more")
def test_repo2docker_reads_it(tmp_path):
    for name in ("environment.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    command = ["repo2docker", "--no-build", "--debug", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120 * patience())
    assert done.returncode == 0, done.stderr[-2000:]
    assert '--file "environment.yml"' in done.stdout + done.stderr
