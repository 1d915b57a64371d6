"""The HTTP service in a process of its own, as `comfygen serve` starts it, and a small client that costs little."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

COMFYGEN = Path(sys.executable).with_name("comfygen")
PATIENCE = 60
"""Seconds for a server to answer its first request."""


class Served(NamedTuple):
    """A service that runs."""

    url: str
    data: Path
    pid: int

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rsplit(":", 1)[1])


@contextmanager
def served(engine: str, *options: str, database: str | None = None, **variables: str) -> Generator[Served]:
    """Serve with one engine and an empty database for as long as the block lasts; ``variables`` set what else is."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        told = ["--port", str(port), "--engine", engine, "--data-dir", folder, "--log-level", "warning", *options]
        told += ["--database", database] if database else []
        # What is compared with it looks at no pictures either.
        usual = {"COMFYGEN_API_RATE": "1000000/second", "COMFYGEN_POLICY_CHECK_PICTURES": "no"}
        with process([str(COMFYGEN), "serve", *told], folder, **usual, **variables) as running:
            url = f"http://127.0.0.1:{port}"
            answering(f"{url}/ready", running)
            yield Served(url, Path(folder), running.pid)


@contextmanager
def process(command: Sequence[str], folder: str, **variables: str) -> Generator[subprocess.Popen[bytes]]:
    """Run a server, and end it as Ctrl-C would; what it said is shown if something fails."""
    kept = {"PATH", "HOME", "LANG", "PYTHONPATH", "TMPDIR", "VIRTUAL_ENV"}
    environment = {name: value for name, value in os.environ.items() if name in kept} | variables
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


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def answering(url: str, running: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers that all is well."""
    deadline = time.monotonic() + PATIENCE
    while running.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):  # our own, on this machine
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"{url} never answered")


def ordered(graph: dict[str, Any]) -> dict[str, Any]:
    """Return the body that asks the service to run a graph."""
    return {"input": {"workflow_json": graph}}


class Connection:
    """One kept connection, on which one request follows another. Reads no more of HTTP than the servers here send."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Connection:
        """Connect to a server on this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 22))

    async def send(self, method: str, path: str, body: bytes = b"") -> int:
        """Send a request and return the status of the answer, whose body is yet to be read."""
        self._writer.write(request(method, path, body))
        head = await self.reader.readuntil(b"\r\n\r\n")
        self._length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
        )
        return int(head[9:12])

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Send a request and return status and body."""
        status = await self.send(method, path, body)
        return status, await self.reader.readexactly(self._length)

    async def post(self, path: str, data: Any) -> tuple[int, Any]:
        """Post JSON and return status and the JSON that came back."""
        status, body = await self.ask("POST", path, json.dumps(data).encode())
        return status, json.loads(body)

    def close(self) -> None:
        """Close it."""
        self._writer.close()

    _length = 0


def request(method: str, path: str, body: bytes = b"") -> bytes:
    """Return a request as it goes over the wire."""
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    head += ["Content-Type: application/json"] if body else []
    return "\r\n".join([*head, "", ""]).encode() + body
