"""Four programs that have jobs accepted over HTTP, all at once.

python -m benchmarks.parts.crowd PORT JOBS    # one of them
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from benchmarks.parts.connection import Connection, ordered
from benchmarks.parts.graphs import sampled

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = 4
CONNECTIONS = 8
"""Of each program: each waits for its answer before it sends the next."""


def accepted(port: int, jobs: int) -> float:
    """Have so many jobs accepted; return the seconds that it took."""
    command = [sys.executable, "-m", "benchmarks.parts.crowd", str(port), str(jobs // PROGRAMS)]
    pipe = subprocess.PIPE
    with ExitStack() as stack:
        programs = [stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe)) for _ in range(PROGRAMS)]
        for program in programs:
            assert program.stdout is not None
            program.stdout.readline()  # it is ready
        began = time.perf_counter()
        for program in programs:
            assert program.stdin is not None
            program.stdin.close()  # that is the sign to begin
        codes = [program.wait() for program in programs]
        seconds = time.perf_counter() - began
    if any(codes):
        raise RuntimeError("a program failed")
    return seconds


async def submit(port: int, jobs: int) -> None:
    """Have so many jobs accepted, one after the other on each connection, once stdin ends."""
    bodies = iter([_body() for _ in range(jobs)])
    connections = [await Connection.open(port) for _ in range(CONNECTIONS)]
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await asyncio.gather(*(_send(connection, bodies) for connection in connections))


def _body() -> bytes:
    """Return an order that no other program sends, either."""
    graph = sampled()
    graph["4"]["inputs"]["seed"] += os.getpid() * 1_000_000
    return json.dumps(ordered(graph)).encode()


async def _send(connection: Connection, bodies: Iterator[bytes]) -> None:
    for body in bodies:  # shared by all connections
        status, answer = await connection.ask("POST", "/generate", body)
        if status != 202:  # accepted
            raise RuntimeError(f"{status}: {answer!r}")


if __name__ == "__main__":
    asyncio.run(submit(*map(int, sys.argv[1:])))
