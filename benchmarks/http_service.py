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
from _ways import by_hand, by_sdk, each_in_turn, tuned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _ways import Way

JOB = 0.05
"""Seconds that the engine is busy with a job."""
P50 = 65.0
"""Milliseconds in which the median job is done and answered."""
RATE = 19.0
"""Jobs a second of an engine that could do 20."""
OURS, PROXY, BY_HAND = "comfygen serve", "comfy-api-proxy", "by hand"


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


async def compare(
    url: str, *, rounds: int, at_once: int, files: bool
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return the milliseconds of single jobs, and the jobs a second of many at once, of each way."""
    graphs = map(sampled, itertools.count(1))
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(raw(url))
        service = stack.enter_context(served(url))
        connections = [await Connection.open(service.port) for _ in range(at_once)]
        program = await stack.enter_async_context(driver(stack.enter_context(proxy(url)).url))
        ways = {
            BY_HAND: by_hand(peer, files=files),
            OURS: by_service(connections, files=files),
            f"{PROXY}, SDK": by_sdk(program, "usual", files=files),
            f"{PROXY}, events": by_sdk(program, "events", files=files),
        }
        singles = await each_in_turn(ways, graphs, rounds=rounds)
        del ways[f"{PROXY}, events"]  # it has 8 streams at most
        return singles, {
            name: at_once / await way(list(itertools.islice(graphs, at_once))) for name, way in ways.items()
        }


def main() -> None:
    """Print both comparisons."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=40)
    parser.add_argument("--files", action="store_true", help="fetch what each job made, too")
    given = parser.parse_args()
    with engine(given.engine, step_time=JOB if given.engine else tuned(JOB)) as url:
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
