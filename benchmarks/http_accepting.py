"""How many jobs a second the HTTP service accepts from four programs at once: on SQLite, and on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from _engine import arguments, engine, sampled, verdict
from _serving import Connection, ordered, served
from accepting import own_server

if TYPE_CHECKING:
    from collections.abc import Sequence

RATE = 1000.0
"""Jobs a second."""
CLIENTS = 4
CONNECTIONS = 8
"""Of each client: each waits for its answer before it sends the next."""
CLIENT = "client"
"""As the first argument it makes this program one of the clients."""


async def submit(port: int, client: int, jobs: int) -> None:
    """Have so many jobs accepted, one after the other on each connection, once told to begin."""
    bodies = iter([json.dumps(ordered(sampled(client * jobs + number))).encode() for number in range(jobs)])
    connections = [await Connection.open(port) for _ in range(CONNECTIONS)]
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await asyncio.gather(*(_send(connection, bodies) for connection in connections))


async def _send(connection: Connection, bodies: object) -> None:
    for body in bodies:  # shared by all connections
        status, answer = await connection.ask("POST", "/generate", body)
        if status != 202:  # accepted
            raise RuntimeError(f"{status}: {answer!r}")


def rate(port: int, jobs: int) -> float:
    """Return the jobs a second that all clients together get in."""
    pipe = subprocess.PIPE
    with ExitStack() as stack:
        clients = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, __file__, CLIENT, str(port), str(number), str(jobs // CLIENTS)],
                    stdin=pipe,
                    stdout=pipe,
                )
            )
            for number in range(CLIENTS)
        ]
        for client in clients:
            client.stdout.readline()
        began = time.perf_counter()
        for client in clients:
            client.stdin.write(b"go\n")
            client.stdin.close()
        codes = [client.wait() for client in clients]
        seconds = time.perf_counter() - began
    if any(codes):
        raise RuntimeError("a client failed")
    return jobs / seconds


def show(name: str, url: str, options: Sequence[str], jobs: int, database: str | None) -> None:
    """Print the rate on one database, while the worker is busy with the first of the jobs."""
    with served(url, *options, database=database) as service:
        found = rate(service.port, jobs)
    processes = f"{options[-1]} processes" if options else "one process"
    print(f"  {name:<12} {processes:<12} {found:7,.0f} jobs/s   (at least {RATE:,g}: {verdict(found >= RATE)})")


def main() -> None:
    """Print the rates."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--jobs", type=int, default=6000)
    given = parser.parse_args()
    print(f"{given.jobs:,} jobs from {CLIENTS} clients, each with {CONNECTIONS} connections")
    with engine(given.engine, step_time=60) as url, ExitStack() as stack:
        for options in ((), ("--workers", "2")):
            show("SQLite", url, options, given.jobs, None)
        for options in ((), ("--workers", "2")):
            if (database := own_server(stack)) is None:
                print("  PostgreSQL: not installed")
                return
            show("PostgreSQL", url, options, given.jobs, database)


if __name__ == "__main__":
    if sys.argv[1:2] == [CLIENT]:
        asyncio.run(submit(*map(int, sys.argv[2:])))
    else:
        main()
