"""Run what deploy/Dockerfile says, where no image can be built: `make test-container`, as root, on Linux.

    python -m tools.try_container

The base is a Debian of the same release, made by debootstrap; its Python is Debian's, not the one that the Dockerfile
pins. Each instruction is executed in it as in a build. Then the image's command is started without a network, and the
health check must find it. Exit 1 if an instruction fails, or the server is not healthy within its time.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from tools.build_handouts import ROOT

DOCKERFILE = ROOT / "deploy" / "Dockerfile"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
MIRROR = "http://deb.debian.org/debian"


def instructions(text):
    """[(INSTRUCTION, its arguments)] of a Dockerfile; comments are left out, and lines that go on are joined."""
    lines = "".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n", " ", lines).splitlines()
    return [(name.upper(), rest.strip()) for name, _, rest in (line.strip().partition(" ") for line in joined) if name]


class Container:
    """A root folder in which instructions are executed, as in a build."""

    def __init__(self, folder):
        self.root, self.user, self.folder = folder, "0", "/"
        self.environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "PIP_CERT": CERTIFICATES}
        self.command = self.health = None

    def execute(self, name, rest):
        """One instruction. ValueError: one that this file does not know."""
        if name in ("ENV", "ARG"):
            given = dict(word.split("=", 1) for word in shlex.split(rest))
            path = self.environment["PATH"]
            self.environment |= {key: value.replace("$PATH", path) for key, value in given.items()}
        elif name == "USER":
            self.user = rest
        elif name == "WORKDIR":
            self.folder = rest
            (self.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif name == "COPY":
            self.copy(*rest.split())
        elif name == "RUN":
            subprocess.run(self.inside(["/bin/sh", "-c", rest]), env=self.variables(), check=True)
        elif name == "CMD":
            self.command = json.loads(rest)
        elif name == "HEALTHCHECK":
            self.health = json.loads(rest.partition("CMD ")[2])
        elif name not in ("FROM", "EXPOSE"):
            raise ValueError(f"{DOCKERFILE.name} has an instruction that cannot be tried here: {name}")

    def copy(self, owner, source, target):
        """What git keeps, and belongs to this owner; a target that ends with / is a folder."""
        user, group = map(int, owner.removeprefix("--chown=").split(":"))
        listed = subprocess.run(["git", "ls-files", source], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        for name in listed.stdout.splitlines():
            place = self.root / target.strip("/") / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, place)
        top = self.root / target.strip("/")
        for path in (top, *top.rglob("*")):
            os.chown(path, user, group)

    def variables(self):
        """The environment of a command; home is the user's."""
        known = (line.split(":") for line in (self.root / "etc/passwd").read_text("utf-8").splitlines())
        home = next((entry[5] for entry in known if self.user in (entry[0], entry[2])), "/")
        return {**self.environment, "HOME": home}

    def inside(self, command):
        """The command as this user in the root folder, with its own /proc and this machine's /dev."""
        chroot = ["chroot", f"--userspec={self.user}:{self.user}", str(self.root)]
        there = f'mount --bind /dev {self.root}/dev; mount -t proc proc {self.root}/proc; cd "$0"; exec "$@"'
        step = ["sh", "-c", f"cd {self.folder} && exec {shlex.join(command)}"]
        return ["unshare", "--mount", "--pid", "--fork", "sh", "-c", there, "/", *chroot, *step]


def serve(container, seconds):
    """Start the command with no network but loopback, and ask the health check until it says yes."""
    alone = ["unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"]
    server = subprocess.Popen([*alone, *container.inside(container.command)], env=container.variables())
    end, healthy = monotonic() + seconds, False
    try:
        while not healthy and monotonic() < end and server.poll() is None:
            sleep(1)
            inside = ["nsenter", f"--net=/proc/{server.pid}/ns/net", *container.inside(container.health)]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            healthy = subprocess.run(inside, env=container.variables(), **quiet).returncode == 0
    finally:
        for child in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)  # the first process of its space: all others end with it
        server.wait()
    return healthy


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--base", type=Path, help="a folder with the bootstrapped Debian, used as it is")
    parser.add_argument("--seconds", type=int, default=180, help="until the server must be healthy (default: 180)")
    options = parser.parse_args()
    steps = instructions(DOCKERFILE.read_text("utf-8"))
    release = steps[0][1].rpartition("-")[2]
    with TemporaryDirectory() as folder:
        root = options.base or Path(folder) / "root"
        if not options.base:
            packages = "--include=python3,python3-venv,ca-certificates"
            subprocess.run(["debootstrap", "--variant=minbase", packages, release, root, MIRROR], check=True)
        trusted = ssl.get_default_verify_paths().cafile  # this machine's, behind whose proxy the index may lie
        shutil.copyfile(trusted, root / CERTIFICATES.lstrip("/"))
        python = root / "usr/local/bin/python"
        python.unlink(missing_ok=True)
        python.symlink_to("/usr/bin/python3")
        container = Container(root)
        for name, rest in steps:
            print(f"{name} {rest[:100]}", flush=True)
            container.execute(name, rest)
        if not serve(container, options.seconds):
            sys.exit("the image's command was started, and its health check did not say yes in time")
    print("every instruction ran, and the server is healthy")


if __name__ == "__main__":
    main()
