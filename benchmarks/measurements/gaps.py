"""How long an engine idles between two jobs though others wait: by its own clock, as its history tells it.

By hand all prompts lie in the engine's own queue: nobody can feed it faster. Our service and the proxy have as many
jobs to give.
"""

from __future__ import annotations

import asyncio
import itertools
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from benchmarks.finding import Bar, Finding
from benchmarks.parts.engines import BUSY, COMFYUI, engines
from benchmarks.parts.proxy import driver, proxy
from benchmarks.parts.raw import raw
from benchmarks.parts.serving import served
from benchmarks.parts.ways import BY_HAND, PROXY, SYNC, by_hand, by_sdk, by_service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.conditions import Conditions
    from benchmarks.parts.engines import Engine
    from benchmarks.parts.raw import Raw

SHARE = 95.0
"""Of a hundred seconds."""
IN_FLIGHT = 16
Spans = list[tuple[float, float]]
"""When each prompt of an engine began and ended, in milliseconds."""


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield gaps and busyness on a sandbox and on a ComfyUI."""
    for engine in engines(conditions, BUSY, COMFYUI):
        count = conditions.count(40 if engine.is_real else 100, quick=10)
        spans = asyncio.run(watched(engine, count))
        yield Finding(
            f"idle between two jobs, {engine.name}",
            "ms",
            {way: gaps(one) for way, one in spans.items()},
            note="The engine's clock has whole milliseconds.",
        )
        bars = () if engine.is_real else [Bar(SYNC, SHARE)]
        shares = {way: [busyness(one)] for way, one in spans.items()}
        yield Finding(
            f"busy, {engine.name}", "% of the time", shares, better="more", beside=[BY_HAND, PROXY], bars=bars
        )


def gaps(spans: Spans) -> list[float]:
    """Return the milliseconds between each prompt and the next."""
    return [max(later[0] - earlier[1], 0.0) for earlier, later in itertools.pairwise(spans)]


def busyness(spans: Spans) -> float:
    """Return the share of the time, in hundredths, in which there was a prompt."""
    return 100 * sum(ended - began for began, ended in spans) / (spans[-1][1] - spans[0][0])


async def watched(engine: Engine, count: int) -> Mapping[str, Spans]:
    """Return what the engine's history says of the jobs of each way."""
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(raw(engine.url))
        service = stack.enter_context(served(engine.url))
        program = await stack.enter_async_context(driver(stack.enter_context(proxy(engine.url)).url))
        ways = {
            BY_HAND: by_hand(peer),
            SYNC: by_service(service.port, IN_FLIGHT),
            PROXY: by_sdk(program, in_flight=IN_FLIGHT),
        }
        found: dict[str, Spans] = {}
        for name, way in ways.items():
            await way([engine.graph()])
            known = set(await peer.get("/history"))
            await way([engine.graph() for _ in range(count)])
            found[name] = await _spans(peer, known)
        return found


async def _spans(peer: Raw, known: set[str]) -> Spans:
    history = await peer.get("/history")
    return sorted(_span(entry["status"]["messages"]) for prompt, entry in history.items() if prompt not in known)


def _span(messages: Sequence[Any]) -> tuple[float, float]:
    at = {name: said["timestamp"] for name, said in messages}
    return at["execution_start"], at["execution_success"]
