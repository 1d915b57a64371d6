"""What the HTTP service costs: one job of 50 ms, and forty at once; beside the raw protocol and comfy-api-proxy.

A job is over when its caller knows what files there are. Then the service has stored them; the other two have not.
With `--files` each of the three fetches them as well.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from _engine import arguments, engine, raw, sampled, verdict
from _proxy import driver, proxy
from _serving import Connection, ordered, served

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from _engine import Raw
    from _proxy import Driver

    Way = Callable[[Sequence[dict[str, Any]]], Awaitable[float]]
    """Runs graphs at once, fetches what they made, and returns the seconds that it took."""

JOB = 0.05
"""Seconds that the engine is busy with a job."""
P50 = 65.0
"""Milliseconds in which the median job is done and answered."""
RATE = 19.0
"""Jobs a second of an engine that could do 20."""
WARM_UP = 5
OURS, PROXY, BY_HAND = "comfygen serve", "comfy-api-proxy", "by hand"


def by_hand(peer: Raw, *, files: bool) -> Way:
    """Return the way that a program goes which speaks the engine's own protocol."""

    async def run(graphs: Sequence[dict[str, Any]]) -> float:
        began = time.perf_counter()
        outputs = await peer.run_all(graphs)
        if files:
            await asyncio.gather(*(peer.fetch(one) for one in outputs))
        return time.perf_counter() - began

    return run


def by_service(connections: Sequence[Connection], *, files: bool) -> Way:
    """Return the way by `POST /generate/sync`, whose answer says that the files are stored."""

    async def run(graphs: Sequence[dict[str, Any]]) -> float:
        began = time.perf_counter()
        answers = zip(connections, graphs, strict=False)
        await asyncio.gather(*(_in_sync(connection, graph, files=files) for connection, graph in answers))
        return time.perf_counter() - began

    return run


async def _in_sync(connection: Connection, graph: dict[str, Any], *, files: bool) -> None:
    status, result = await connection.post("/generate/sync", ordered(graph))
    if (status, result["status"]) != (200, "completed"):
        raise RuntimeError(f"{status}: {result}")
    (output,) = result["output"]
    if not files:
        return
    path = "/" + output["url"].split("/", 3)[3]
    status, file = await connection.ask("GET", path)
    if status != 200 or not file:  # OK
        raise RuntimeError(f"{path}: {status}")


def by_proxy(program: Driver, how: str, *, files: bool) -> Way:
    """Return the way by the proxy's own SDK, which waits as its users do, or by the proxy's stream of events."""
    return lambda graphs: program.run(graphs, how=how, files=files)


async def compare(
    url: str, *, rounds: int, at_once: int, files: bool
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return the milliseconds of single jobs, and the jobs a second of many at once, of each way."""
    graphs = map(sampled, itertools.count(1))
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(raw(url))
        service = stack.enter_context(served(url))
        connections = [await Connection.open(service.port) for _ in range(at_once)]
        program = await stack.enter_async_context(driver(stack.enter_context(proxy(url))))
        ways = {
            BY_HAND: by_hand(peer, files=files),
            OURS: by_service(connections, files=files),
            f"{PROXY}, SDK": by_proxy(program, "usual", files=files),
            f"{PROXY}, events": by_proxy(program, "events", files=files),
        }
        singles = await each_in_turn(ways, graphs, rounds)
        del ways[f"{PROXY}, events"]  # it has 8 streams at most
        return singles, {
            name: at_once / await way(list(itertools.islice(graphs, at_once))) for name, way in ways.items()
        }


async def each_in_turn(ways: Mapping[str, Way], graphs: Any, rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds of each way; they take turns, so that what else the machine does hits all of them."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(WARM_UP + rounds):
        for name, way in ways.items():
            seconds = await way([next(graphs)])
            if number >= WARM_UP:
                taken[name].append(1000 * seconds)
    return taken


def tuned() -> float:
    """Return the step with which a sandbox is busy for just as long as a job shall take, its own work included."""

    async def each(url: str) -> float:
        async with raw(url) as peer:
            await peer.run_all([sampled(0)])
            began = time.perf_counter()
            await peer.run_all([sampled(number) for number in range(1, 41)])
            return (time.perf_counter() - began) / 40

    with engine(None, step_time=JOB) as url:
        return 2 * JOB - asyncio.run(each(url))


def main() -> None:
    """Print both comparisons."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=40)
    parser.add_argument("--files", action="store_true", help="fetch what each job made, too")
    given = parser.parse_args()
    with engine(given.engine, step_time=JOB if given.engine else tuned()) as url:
        singles, rates = asyncio.run(compare(url, rounds=given.rounds, at_once=given.at_once, files=given.files))
    print(f"one job of {1000 * JOB:g} ms, {given.rounds} rounds")
    for name, times in singles.items():
        cuts = statistics.quantiles(times, n=100)
        judged = f"   (p50 at most {P50:g}: {verdict(cuts[49] <= P50)})" if name == OURS else ""
        print(f"  {name:<24} p50 {cuts[49]:8.2f} ms   p95 {cuts[94]:8.2f} ms{judged}")
    print(f"{given.at_once} at once")
    for name, rate in rates.items():
        judged = f"   (at least {RATE:g}: {verdict(rate >= RATE)})" if name == OURS else ""
        print(f"  {name:<24} {rate:6.2f} jobs/s{judged}")


if __name__ == "__main__":
    main()
