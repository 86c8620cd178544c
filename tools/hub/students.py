"""Students of a rehearsal: one speaks to the kernel by its websocket, one sits before JupyterLab in Chromium."""

import asyncio
import json

import nbformat
from jupyter_client.jsonutil import json_default
from jupyter_client.session import Session
from tornado.websocket import websocket_connect

from tools.hub.lesson import LESSON

SECONDS_A_CELL = 120
PANEL = "window.jupyterapp?.shell.currentWidget"
READY = f"{PANEL}?.context?.isReady && {PANEL}.sessionContext?.session?.kernel?.status === 'idle'"
NO_SPLASH = "!document.querySelector('#jupyterlab-splash')"
RUN = f"""async (index) => {{
    const notebook = {PANEL}.content;
    notebook.activeCellIndex = index;
    await jupyterapp.commands.execute("notebook:run-cell");
    return notebook.model.toJSON().cells[index].outputs;
}}"""


class Student:
    """Logs in, starts a server and a kernel, and runs cells there."""

    def __init__(self, hub, name, half):
        self.hub, self.name, self.half = hub, name, half
        home = hub.folder / name
        home.mkdir()
        nbformat.write(half.notebook, home / LESSON.name)

    async def log_in(self):
        """By the password, as at the hub's door."""
        way = {"auth": {"username": self.name, "password": self.hub.password}}
        self.token = (await self.hub.ask(f"hub/api/users/{self.name}/tokens", None, "POST", way))["token"]

    async def start(self):
        """From the login to a kernel that answers. RuntimeError: the hub gave up on the server."""
        await self.log_in()
        await self.hub.ask(f"hub/api/users/{self.name}/server", self.token, "POST")
        while not (me := await self.hub.ask(f"hub/api/users/{self.name}", self.token))["server"]:
            if not me["pending"]:
                raise RuntimeError(f"the hub did not start the server of {self.name}")
            await asyncio.sleep(0.5)
        what = {"path": LESSON.name, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
        session = await self.hub.ask(f"user/{self.name}/api/sessions", self.token, "POST", what)
        channels = f"user/{self.name}/api/kernels/{session['kernel']['id']}/channels"
        request = self.hub.request(channels, self.token)
        request.url = request.url.replace("http", "ws", 1)
        self.socket, self.session = await websocket_connect(request, max_message_size=2**28), Session(key=b"")
        await self.execute("")

    async def execute(self, source):
        """Run code in the kernel -> its outputs, as a notebook would store them."""
        message = self.session.msg("execute_request", {"code": source, "silent": False, "store_history": True})
        message |= {"channel": "shell", "buffers": []}
        await self.socket.write_message(json.dumps(message, default=json_default))
        outputs, waiting = [], {"execute_reply", "idle"}
        while waiting:
            received = await self.socket.read_message()
            if received is None:
                raise RuntimeError("the kernel's websocket closed")
            if isinstance(received, bytes):  # a widget's arrays: not an output
                continue
            reply = json.loads(received)
            if reply["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            kind, content = reply["msg_type"], reply["content"]
            waiting -= {kind, content.get("execution_state")}
            if kind in ("stream", "error", "display_data", "execute_result"):
                outputs.append({"output_type": kind, **content})
        return outputs

    async def run(self, index):
        """Run a cell -> its outputs."""
        return await self.execute(self.half.notebook.cells[index].source)

    async def leave(self):
        """Stop the server."""
        await self.hub.ask(f"hub/api/users/{self.name}/server", self.token, "DELETE")


class Window(Student):
    """A student in Chromium: a page of Playwright's, in which JupyterLab opens the lesson."""

    def __init__(self, hub, name, half, page):
        super().__init__(hub, name, half)
        self.page = page

    async def start(self):
        self.page.set_default_timeout(1000 * SECONDS_A_CELL)
        await self.page.goto(f"{self.hub.url}/hub/login")
        await self.page.fill("#username_input", self.name)
        await self.page.fill("#password_input", self.hub.password)
        await self.page.click("#login_submit")
        await self.page.wait_for_url(f"**/user/{self.name}/lab**")
        await self.page.goto(f"{self.hub.url}/user/{self.name}/lab/tree/{LESSON.name}?reset")
        await self.page.wait_for_function(f"{READY} && {NO_SPLASH}")

    async def run(self, index):
        return await self.page.evaluate(RUN, index)
