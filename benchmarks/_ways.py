"""How a job goes from a graph to its files: by hand, and by an SDK through a gateway; and how ways are compared."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from _engine import engine, raw, sampled

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from _engine import Raw
    from _proxy import Driver

    Way = Callable[[Sequence[dict[str, Any]]], Awaitable[float]]
    """Runs graphs at once, fetches what they made if that is wanted, and returns the seconds that it took."""

WARM_UP = 5


def by_hand(peer: Raw, *, files: bool) -> Way:
    """Return the way that a program goes which speaks the engine's own protocol."""

    async def run(graphs: Sequence[dict[str, Any]]) -> float:
        began = time.perf_counter()
        outputs = await peer.run_all(graphs)
        if files:
            await asyncio.gather(*(peer.fetch(one) for one in outputs))
        return time.perf_counter() - began

    return run


def by_sdk(program: Driver, how: str, *, files: bool, in_flight: int | None = None) -> Way:
    """Return the way by the SDK, which waits as its users do (``usual``), or by the gateway's stream of ``events``."""
    return lambda graphs: program.run(graphs, how=how, files=files, in_flight=in_flight)


async def each_in_turn(
    ways: Mapping[str, Way], graphs: Iterator[dict[str, Any]], *, rounds: int, at_once: int = 1, warm_up: int = WARM_UP
) -> dict[str, list[float]]:
    """Return the milliseconds of each way; they take turns, so that what else the machine does hits all of them."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(warm_up + rounds):
        for name, way in ways.items():
            seconds = await way([next(graphs) for _ in range(at_once)])
            if number >= warm_up:
                taken[name].append(1000 * seconds)
    return taken


def tuned(job: float) -> float:
    """Return the step with which a sandbox is busy for just as long as a job shall take, its own work included."""

    async def each(url: str) -> float:
        async with raw(url) as peer:
            await peer.run_all([sampled(0)])
            began = time.perf_counter()
            await peer.run_all([sampled(number) for number in range(1, 41)])
            return (time.perf_counter() - began) / 40

    with engine(None, step_time=job) as url:
        return 2 * job - asyncio.run(each(url))
