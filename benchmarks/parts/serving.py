"""The HTTP service in a process of its own, as `comfygen serve` starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil

from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

PATIENCE = 120
"""Seconds for a server to answer its first request, or to end."""
LOOK = 0.005
"""Seconds between two looks whether it answers."""
_KEPT = {"PATH", "HOME", "LANG", "PYTHONPATH", "TMPDIR", "VIRTUAL_ENV"}


class Served(NamedTuple):
    """A service that runs."""

    url: str
    data: Path
    pid: int
    startup: float
    """Seconds from its start to its first answer."""

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rsplit(":", 1)[1])

    def computed(self) -> float:
        """Return the seconds that it and its children have computed."""
        return sum(sum(one.cpu_times()[:2]) for one in self._processes())

    def resident(self) -> float:
        """Return the megabytes of memory that it and its children have."""
        return sum(one.memory_info().rss for one in self._processes()) / 1e6

    def _processes(self) -> list[psutil.Process]:
        return [found := psutil.Process(self.pid), *found.children(recursive=True)]


@contextmanager
def served(
    engine: str, *options: str, database: str | None = None, python: Sequence[str] = (), **variables: str
) -> Generator[Served]:
    """Serve with one engine and an empty database for as long as the block lasts; ``variables`` set what else is."""
    with tempfile.TemporaryDirectory() as folder:
        told = ["serve", "--engine", engine, "--data-dir", folder, "--log-level", "warning", *options]
        told += ["--database", database] if database else []
        # What is compared with it looks at no pictures either.
        usual = {"COMFYGEN_API_RATE": "1000000/second", "COMFYGEN_POLICY_CHECK_PICTURES": "no"}
        command = [*(python or comfygen()), *told]
        with server(command, "/ready", folder, **usual, **variables) as running:
            yield running


def comfygen() -> list[str]:
    """Return the command line's command."""
    return [str(Path(sys.executable).with_name("comfygen"))]


@contextmanager
def server(command: Sequence[str], path: str, folder: str, **variables: str) -> Generator[Served]:
    """Run a server at a free port, from its first answer on that path until the block ends."""
    port = free_port()
    began = time.perf_counter()
    with process([*command, "--port", str(port)], folder, **variables) as running:
        answering(f"http://127.0.0.1:{port}{path}", running)
        startup = time.perf_counter() - began
        yield Served(f"http://127.0.0.1:{port}", Path(folder), running.pid, startup)


@contextmanager
def process(command: Sequence[str], folder: str, **variables: str) -> Generator[subprocess.Popen[bytes]]:
    """Run a program, and end it as Ctrl-C would; what it said is shown if something fails."""
    environment = {name: value for name, value in os.environ.items() if name in _KEPT} | variables
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said) as running,
    ):
        try:
            yield running
        except BaseException:
            said.seek(0)
            print(said.read().decode(errors="replace"), file=sys.stderr)
            raise
        finally:
            running.send_signal(signal.SIGINT)
            try:
                running.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                running.kill()


def answering(url: str, running: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers that all is well."""
    deadline = time.monotonic() + PATIENCE
    while running.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):  # our own, on this machine
                return
        except (urllib.error.URLError, OSError):
            time.sleep(LOOK)
    raise RuntimeError(f"{url} never answered")
