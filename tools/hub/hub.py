"""A JupyterHub on loopback with a random password, whose students are this user: for a rehearsal and nothing else."""

import asyncio
import json
import os
import secrets
import subprocess
import sys
from contextlib import suppress

import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.testing import bind_unused_port

from tools.build_handouts import ROOT

PROXY = ROOT / "build" / "hub" / "node_modules" / ".bin" / "configurable-http-proxy"
ONE_THREAD = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1")
SECONDS_TO_START = 300
AT_ONCE = 400  # requests under way; the client's own limit is 10


class Hub:
    """A hub for these students, each with a folder of this name; it ends with this process (keeper.py)."""

    def __init__(self, folder, ip, students):
        sockets, ports = zip(*(bind_unused_port(address=ip) for _ in range(3)))
        for socket in sockets:
            socket.close()
        self.folder, self.url, self.password = folder, f"http://{ip}:{ports[0]}", secrets.token_urlsafe()
        self.client = AsyncHTTPClient(force_instance=True, max_clients=AT_ONCE)
        as_root = ["--allow-root"] if os.geteuid() == 0 else []
        config = {
            "JupyterHub": {
                "bind_url": self.url,
                "hub_ip": ip,
                "hub_port": ports[1],
                "authenticator_class": "shared-password",
                "spawner_class": "simple",
                "db_url": f"sqlite:///{folder}/hub.sqlite",
                "cookie_secret_file": f"{folder}/cookie_secret",
            },
            "SharedPasswordAuthenticator": {"user_password": self.password, "allowed_users": students},
            "ConfigurableHTTPProxy": {
                "command": [str(PROXY)],
                "api_url": f"http://{ip}:{ports[2]}",
                "pid_file": f"{folder}/proxy.pid",
            },
            "SimpleLocalProcessSpawner": {
                "home_dir_template": f"{folder}/{{username}}",
                "ip": ip,
                "cmd": [sys.executable, "-m", "jupyterhub.singleuser"],
                "args": [*as_root, "--LabApp.expose_app_in_browser=True"],
                # As docs/teaching.md tells a server's owner. By default a hub waits 30 s: too few for a class at once.
                "environment": ONE_THREAD,
                "http_timeout": SECONDS_TO_START,
                "start_timeout": SECONDS_TO_START,
            },
        }
        path, self.log = folder / "hub.json", folder / "hub.log"
        path.write_text(json.dumps(config), "utf-8")
        with self.log.open("w") as log:
            command = [sys.executable, "-m", "jupyterhub", "--config", str(path)]
            self.process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)

    async def ready(self):
        """Wait until the hub answers. RuntimeError: it ended, with the end of its log."""
        while self.process.poll() is None:
            try:
                return await self.ask("hub/health", token=None)
            except (OSError, HTTPClientError):  # nobody listens yet, or the proxy has no hub yet
                await asyncio.sleep(0.1)
        raise RuntimeError(f"the hub did not start:\n{self.log.read_text('utf-8')[-3000:]}")

    def request(self, path, token, **how):
        """A request of whoever has this token."""
        headers = {"Authorization": f"token {token}"} if token else {}
        return HTTPRequest(f"{self.url}/{path}", headers=headers, request_timeout=120, **how)

    async def ask(self, path, token, method="GET", body=None):
        """What hub or server answers, from JSON. HTTPClientError: it refuses."""
        body = json.dumps(body or {}) if method == "POST" else None
        reply = await self.client.fetch(self.request(path, token, method=method, body=body))
        return json.loads(reply.body) if reply.headers.get("Content-Type", "").startswith("application/json") else None

    def memory(self):
        """{student: bytes} of server and kernels: what they have alone, and their share of what several have (PSS).

        None is the hub itself, with its proxy.
        """
        used = {}
        root = psutil.Process(self.process.pid)
        for process in [root, *root.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):  # it ended meanwhile
                student = process.environ().get("JUPYTERHUB_USER")
                used[student] = used.get(student, 0) + process.memory_full_info().pss
        return used
