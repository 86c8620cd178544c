"""The container: what Dockerfile and devcontainer.json must say. `make test-container` executes it, and lints it."""

import json
import re
from pathlib import Path

import pytest

from tools.try_container import Container, instructions

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
DEVCONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
# The part of the specification's schema that a file of ours may use: name, and what its value is.
KINDS = {
    "name": str,
    "build": dict,
    "remoteUser": str,
    "updateRemoteUserUID": bool,
    "postCreateCommand": str,
    "forwardPorts": list,
    "portsAttributes": dict,
    "customizations": dict,
}


def container_faults(text):
    """What a Dockerfile says against the rules, one sentence each."""
    steps, faults = instructions(text), []
    named = dict(steps)
    if not re.fullmatch(r"python:3\.\d+\.\d+-slim-(bookworm|trixie)", named["FROM"]):
        faults.append(f"the base must be pinned by Python's version and Debian's release, got {named['FROM']}")
    if named.get("USER", "0") in ("0", "root"):
        faults.append("it runs as root")
    if ":8888/" not in named.get("HEALTHCHECK", "") or named.get("EXPOSE") != "8888":
        faults.append("its port and its health check must be of 8888")
    if re.search(r"token\s*=|password\s*=|--allow-root", text):
        faults.append("JupyterLab keeps its token, and needs no flag of root")
    if any(name == "ADD" or (name == "COPY" and "--chown=" not in rest) for name, rest in steps):
        faults.append("what is copied belongs to the user")
    folder = re.search(r"-m venv (\S+)", text)[1]
    if folder.startswith(("/course", "/workspaces")):
        faults.append(f"the environment lies in a mounted folder, {folder}")
    return faults


def test_the_dockerfile_keeps_the_rules():
    assert container_faults(DOCKERFILE) == []


@pytest.mark.parametrize(
    "old, new, said",
    [
        (r"FROM .*", "FROM python:3.12-slim", "must be pinned"),
        (r"FROM .*", "FROM python:latest", "must be pinned"),
        (r"USER 1000", "USER root", "runs as root"),
        (r"USER 1000\n", "", "runs as root"),
        (r"HEALTHCHECK(.|\n)*?timeout=4\)\"\]\n", "", "health check"),
        (r"EXPOSE 8888", "EXPOSE 80", "health check"),
        (r"--port=8888", "--port=8888 --ServerApp.token=", "keeps its token"),
        (r"--chown=1000:1000 ", "", "belongs to the user"),
        (r"/srv/unrolled", "/course/.venv", "mounted folder"),
    ],
)
def test_what_breaks_a_rule_is_found(old, new, said):
    changed = re.sub(old, new, DOCKERFILE)
    assert changed != DOCKERFILE
    assert any(said in fault for fault in container_faults(changed))


def test_every_instruction_can_be_tried():
    known = {"FROM", "RUN", "USER", "ENV", "ARG", "COPY", "WORKDIR", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert {name for name, _ in instructions(DOCKERFILE)} <= known
    with pytest.raises(ValueError, match="cannot be tried here: VOLUME"):
        Container(ROOT).execute("VOLUME", "/course")


def test_lines_that_go_on_are_one_instruction():
    text = "# a comment\nRUN one \\\n    # another\n    && two\nuser 1000\n"
    assert [(name, rest.split()) for name, rest in instructions(text)] == [
        ("RUN", ["one", "&&", "two"]),
        ("USER", ["1000"]),
    ]


def test_codespaces_takes_the_same_container():
    assert {name: type(value) for name, value in DEVCONTAINER.items()} == KINDS
    build, folder = DEVCONTAINER["build"], ROOT / ".devcontainer"
    assert (folder / build["dockerfile"]).resolve() == ROOT / "deploy" / "Dockerfile"
    assert (folder / build["context"]).resolve() == ROOT
    assert DEVCONTAINER["forwardPorts"] == [8888]
    assert set(DEVCONTAINER["portsAttributes"]) == {"8888"}
    user = DEVCONTAINER["remoteUser"]
    assert not DEVCONTAINER["updateRemoteUserUID"], "with another number it could not write into its environment"
    assert re.search(rf"useradd .*--uid 1000 {user}\b", DOCKERFILE), "the user is the one that the image has"
    interpreter = DEVCONTAINER["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert interpreter == f"{re.search(r'-m venv (.*)', DOCKERFILE)[1]}/bin/python"
    assert "--editable ." in DEVCONTAINER["postCreateCommand"], "there the checkout is the course"
