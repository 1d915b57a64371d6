"""One job over HTTP, and many: our service by its own API and by Comfy API v2, beside comfy-api-proxy and by hand.

All take turns, round by round, on the same engine, from a graph to its picture's bytes. The proxy and our service are
driven by the same official SDK, and both keep their jobs in a file; ours keeps the pictures, too. Of jobs that take the
engine no time, only the gateways are seen.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.finding import Bar, Finding
from benchmarks.parts.engines import BUSY, IDLE, engines
from benchmarks.parts.proxy import driver, proxy
from benchmarks.parts.raw import raw
from benchmarks.parts.serving import served
from benchmarks.parts.ways import (
    BY_HAND,
    PROXY,
    PROXY_EVENTS,
    SYNC,
    V2,
    by_hand,
    by_sdk,
    by_service,
    each_in_turn,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping

    from benchmarks.conditions import Conditions
    from benchmarks.parts.engines import Engine
    from benchmarks.parts.proxy import Driver
    from benchmarks.parts.raw import Raw
    from benchmarks.parts.serving import Served

P50 = 65.0
"""Milliseconds in which the median job of 50 ms is done and answered."""
RATE = 19.0
"""Jobs a second of an engine that could do 20."""
IN_FLIGHT = {IDLE: (16, 40), BUSY: (40,)}
"""How many jobs, by engine; elsewhere 16."""
BATCH = 3
"""So many times what is in flight make a round, so that it is full for most of it."""


@dataclass(frozen=True, slots=True)
class Gateways:
    """All that takes turns before one engine."""

    engine: Engine
    peer: Raw
    service: Served
    proxy: Served
    ours: Driver
    theirs: Driver


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield latencies and rates on each engine."""
    for engine in engines(conditions):
        yield from asyncio.run(_measured(engine, conditions))


async def _measured(engine: Engine, conditions: Conditions) -> list[Finding]:
    async with opened(engine) as gateways:
        return [one async for one in findings(gateways, conditions)]


async def findings(gateways: Gateways, conditions: Conditions) -> AsyncIterator[Finding]:
    """Yield what is found on one engine."""
    name = gateways.engine.name
    yield await latencies(gateways, conditions.count(20 if gateways.engine.is_real else 30, quick=3))
    for at_once in (16,) if conditions.is_quick else IN_FLIGHT.get(name, (16,)):
        yield await rates(gateways, at_once, conditions.count(2, quick=1))
    if name == IDLE:
        yield await costs(gateways, conditions.count(3, quick=1))


@asynccontextmanager
async def opened(engine: Engine) -> AsyncGenerator[Gateways]:
    """Start all of them."""
    async with AsyncExitStack() as stack:
        service, other = stack.enter_context(served(engine.url)), stack.enter_context(proxy(engine.url))
        yield Gateways(
            engine,
            await stack.enter_async_context(raw(engine.url)),
            service,
            other,
            await stack.enter_async_context(driver(service.url)),
            await stack.enter_async_context(driver(other.url)),
        )


async def latencies(gateways: Gateways, rounds: int) -> Finding:
    """Return the milliseconds of one job at a time."""
    ways = {
        BY_HAND: by_hand(gateways.peer),
        SYNC: by_service(gateways.service.port),
        V2: by_sdk(gateways.ours),
        PROXY: by_sdk(gateways.theirs),
        PROXY_EVENTS: by_sdk(gateways.theirs, "events"),
    }
    taken = await each_in_turn(ways, gateways.engine.graph, rounds=rounds, warm_up=2)
    name = gateways.engine.name
    bars = [Bar(V2, 1.0, beside=PROXY), *([Bar(SYNC, P50)] if name == BUSY else [])]
    return Finding(f"one job, {name}", "ms", taken, beside=[BY_HAND, PROXY, PROXY_EVENTS], bars=bars)


async def rates(gateways: Gateways, at_once: int, batches: int) -> Finding:
    """Return the jobs a second with many in flight; by hand all are sent at once."""
    count = BATCH * at_once
    ways = {
        BY_HAND: by_hand(gateways.peer),
        SYNC: by_service(gateways.service.port, at_once),
        V2: by_sdk(gateways.ours, in_flight=at_once),
        PROXY: by_sdk(gateways.theirs, in_flight=at_once),
    }
    taken = await each_in_turn(ways, gateways.engine.graph, rounds=batches, at_once=count, warm_up=0)
    of_ways = {way: [1000 * count / one for one in times] for way, times in taken.items()}
    name = gateways.engine.name
    bars = [Bar(V2, 1.0, beside=PROXY), *([Bar(SYNC, RATE)] if name == BUSY else [])]
    title = f"{at_once} jobs in flight, {name}"
    return Finding(title, "jobs/s", of_ways, better="more", beside=[BY_HAND, PROXY], bars=bars)


async def costs(gateways: Gateways, batches: int) -> Finding:
    """Return the milliseconds that a gateway computes for a job."""
    spent: dict[str, list[float]] = {V2: [], PROXY: []}
    for _ in range(batches):
        for way, server, program in (
            (V2, gateways.service, gateways.ours),
            (PROXY, gateways.proxy, gateways.theirs),
        ):
            spent[way].append(await _cost(server, program, gateways.engine.graph))
    note = "Keeping jobs and pictures safe is in ours; the proxy passes pictures on."
    return Finding("the gateway's computing for a job", "ms", spent, beside=[PROXY], note=note)


async def _cost(server: Served, program: Driver, graph: Callable[[], Mapping[str, Any]]) -> float:
    count = BATCH * 16
    before = server.computed()
    await by_sdk(program, in_flight=16)([dict(graph()) for _ in range(count)])
    return 1000 * (server.computed() - before) / count
