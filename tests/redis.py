"""A Redis of the tests' own: at a free port of this machine, without a file, gone when the tests are."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.components import find_program, require, running, together
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

INSTALL = "apt-get install redis-server"
_SECONDS = 10.0


class RedisServer:
    """A running server."""

    def __init__(self, program: Path, folder: str) -> None:
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        kept = ["--save", "", "--appendonly", "no", "--dir", self._folder, "--bind", "127.0.0.1"]
        command = [*together(), self._program, "--port", str(self.port), *kept]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + _SECONDS
        while self.ask("PING") != b"+PONG":
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("redis-server did not start")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop it as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_SECONDS)
            self._process = None

    def ask(self, command: str) -> bytes:
        """Return the first line of an answer; empty if there is none."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(4096).partition(b"\r\n")[0]
        return b""


@contextmanager
def serve_redis() -> Generator[RedisServer]:
    """Run a server for the length of the block. Skips or fails the test where Redis is not installed."""
    program = find_program("redis-server")
    require(program, "Redis", INSTALL)
    folder = tempfile.mkdtemp(prefix="redis-")
    with running(RedisServer(program, folder), folder) as server:
        yield server


@pytest.fixture(scope="session")
def _redis_to_share() -> Iterator[RedisServer]:
    with serve_redis() as server:
        yield server


@pytest.fixture
def redis_server(_redis_to_share: RedisServer) -> RedisServer:
    """A server without keys, which runs on after the test."""
    _redis_to_share.ask("FLUSHALL")
    return _redis_to_share


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A server that the test may stop."""
    with serve_redis() as server:
        yield server
