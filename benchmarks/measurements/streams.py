"""How late a thousand watchers hear what happens: all of them of one job, or ten of each of a hundred."""

from __future__ import annotations

import asyncio
import re
import resource
import time
from typing import TYPE_CHECKING

from benchmarks.finding import Bar, Finding
from benchmarks.parts.connection import Connection, ordered, request
from benchmarks.parts.engines import sandboxes
from benchmarks.parts.graphs import sampled
from benchmarks.parts.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.conditions import Conditions
    from benchmarks.parts.serving import Served

P99 = 100.0
"""Milliseconds from an event to those who watch."""
STEP = 0.1
STEPS = 50
"""Steps of all jobs together: so the engine is busy for five seconds."""
PATIENCE = 60
_AT = re.compile(rb'"at":([0-9.]+)')
_END = b"event: end\r\n"


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield how late events are."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    streams = conditions.count(1000, quick=50)
    late: dict[str, list[float]] = {}
    with sandboxes(1, step_time=STEP, previews=True) as (engine,):
        for jobs in (1, conditions.count(100, quick=5)):
            with served(engine) as service:
                late[f"of {jobs} job{'s' if jobs > 1 else ''}"] = asyncio.run(
                    delays(service, streams=streams, jobs=jobs)
                )
    yield Finding(f"events to {streams:,} streams", "ms", late, bars=[Bar(way, P99, "p99") for way in late])


class Watcher(asyncio.Protocol):
    """One stream; notes how old each event is on its arrival, and reads nothing else of it."""

    def __init__(self, path: str) -> None:
        self.delays: list[tuple[float, float]] = []
        """When an event happened, and the seconds that it took from there."""
        loop = asyncio.get_running_loop()
        self.is_open, self.has_ended = asyncio.Event(), loop.create_future()
        self._path = path
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("sockets are written to")
        self._transport = transport
        transport.write(request("GET", self._path))

    def data_received(self, data: bytes) -> None:
        """Note what came."""
        now = time.time()
        self.is_open.set()
        *events, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for event in events:
            if found := _AT.search(event):
                self.delays.append((float(found[1]), now - float(found[1])))
            if _END in event:
                self._transport.close()
                self.has_ended.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell if it came too early."""
        if not self.has_ended.done():
            self.has_ended.set_exception(exc or EOFError("a stream ended before its job"))


async def delays(service: Served, *, streams: int, jobs: int) -> list[float]:
    """Return the milliseconds by which each stream had each event; the watched jobs begin once all are open."""
    connection = await Connection.open(service.port)
    await connection.wanted(200, "POST", "/queue/pause")
    ids = [await _submit(connection, max(STEPS // jobs, 1)) for _ in range(jobs)]
    watchers = [await _watch(service.port, ids[number % jobs]) for number in range(streams)]
    began = time.time()
    await connection.wanted(200, "POST", "/queue/resume")
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(watcher.has_ended for watcher in watchers))
    connection.close()
    return [1000 * late for watcher in watchers for at, late in watcher.delays if at > began]


async def _submit(connection: Connection, steps: int) -> str:
    return (await connection.wanted(202, "POST", "/generate", ordered(sampled(steps=steps))))["id"]


async def _watch(port: int, job_id: str) -> Watcher:
    loop = asyncio.get_running_loop()
    _, watcher = await loop.create_connection(lambda: Watcher(f"/jobs/{job_id}/events"), "127.0.0.1", port)
    await watcher.is_open.wait()
    return watcher
