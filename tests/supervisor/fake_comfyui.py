"""A folder that looks like a ComfyUI, and a program in it that answers like one. It misbehaves when it is told to."""

from __future__ import annotations

import http.client
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comfy_gen.supervisor.instance import Instance
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 20.0

MAIN = """
import http.server, json, os, signal, subprocess, sys

told = sys.argv[1:]
port = int(told[told.index("--port") + 1])
print("ComfyUI begins", *told, flush=True)
if "--crash" in told:
    print("Traceback: no such model", file=sys.stderr)
    sys.exit(3)
if "--deaf" in told:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "--parent" in told or "--detached" in told:
    waiting = [sys.executable, "-c", "import signal; signal.pause()"]
    child = subprocess.Popen(waiting, start_new_session="--detached" in told)
    print("child", child.pid, flush=True)
if "--silent" in told:
    signal.pause()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/crash":
            os._exit(4)
        stats = {"system": {"comfyui_version": "0.3.75"}, "devices": []}
        answer = json.dumps({} if "--stranger" in told else stats).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


def make_comfyui(folder: Path) -> Path:
    """Make a folder with a fake ComfyUI and return it."""
    (folder / "comfy").mkdir(parents=True)
    (folder / "main.py").write_text(MAIN)
    return folder


def instance_of(folder: Path, *arguments: str, name: str = "default", **options: Any) -> Instance:
    """Return an instance of a fake ComfyUI on a free port."""
    port = options.pop("port", None) or free_port()
    return Instance(name, folder, python=Path(sys.executable), port=port, arguments=arguments, **options)


def until(claim: Callable[[], Any]) -> Any:
    """Look until something is so, and return it."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := claim()):
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)
    return seen


def crash(instance: Instance) -> None:
    """Have a fake ComfyUI end at once, with status 4."""
    connection = http.client.HTTPConnection(instance.host, instance.port, timeout=5)
    with suppress(http.client.RemoteDisconnected, ConnectionError):
        connection.request("GET", "/crash")
        connection.getresponse()
    connection.close()
