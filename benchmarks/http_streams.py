"""How late a thousand watchers hear what happens: all of them of one job, or ten of each of a hundred."""

from __future__ import annotations

import asyncio
import re
import resource
import statistics
import time
from typing import TYPE_CHECKING

from _engine import arguments, engine, sampled, verdict
from _serving import Connection, ordered, request, served

if TYPE_CHECKING:
    from _serving import Served

P99 = 100.0
"""Milliseconds from an event to those who watch."""
STEP = 0.1
STEPS = 50
"""Steps of all jobs together: so the engine is busy for five seconds."""
PATIENCE = 120
_AT = re.compile(rb'"at":([0-9.]+)')
_END = b"event: end\r\n"


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
    await _pause(connection, is_wanted=True)
    ids = [await _submit(connection, number, max(STEPS // jobs, 1)) for number in range(jobs)]
    watchers = [await _watch(service.port, ids[number % jobs]) for number in range(streams)]
    began = time.time()
    await _pause(connection, is_wanted=False)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(watcher.has_ended for watcher in watchers))
    connection.close()
    return [1000 * late for watcher in watchers for at, late in watcher.delays if at > began]


async def _pause(connection: Connection, *, is_wanted: bool) -> None:
    status, _ = await connection.ask("POST", "/queue/pause" if is_wanted else "/queue/resume")
    if status >= 300:  # not done
        raise RuntimeError(f"the queue cannot be paused or resumed: {status}")


async def _submit(connection: Connection, seed: int, steps: int) -> str:
    graph = sampled(seed)
    graph["4"]["inputs"]["steps"] = steps
    status, result = await connection.post("/generate", ordered(graph))
    if status != 202:  # accepted
        raise RuntimeError(f"{status}: {result}")
    return result["id"]


async def _watch(port: int, job_id: str) -> Watcher:
    loop = asyncio.get_running_loop()
    _, watcher = await loop.create_connection(lambda: Watcher(f"/jobs/{job_id}/events"), "127.0.0.1", port)
    await watcher.is_open.wait()
    return watcher


def main() -> None:
    """Print how late events are."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--streams", type=int, default=1000)
    given = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(f"{given.streams:,} streams")
    with engine(given.engine, step_time=STEP, previews=True) as url:
        for jobs in (1, 100):
            with served(url) as service:
                late = asyncio.run(delays(service, streams=given.streams, jobs=jobs))
            cuts = statistics.quantiles(late, n=100)
            judged = f"(at most {P99:g}: {verdict(cuts[98] <= P99)})"
            what = "one job" if jobs == 1 else f"{jobs} jobs"
            print(f"  of {what:<8} {len(late):7,} events   p50 {cuts[49]:6.1f} ms   p99 {cuts[98]:6.1f} ms   {judged}")


if __name__ == "__main__":
    main()
