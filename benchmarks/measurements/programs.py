"""How much later a picture is there by our client, and by the durable queue and its worker, than by hand.

All three run in one process, one after the other, and end with the picture's bytes; the worker has stored them, too.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from benchmarks.finding import Bar, Finding
from benchmarks.parts.engines import COMFYUI, IDLE, engines
from benchmarks.parts.queue import by_queue, working
from benchmarks.parts.raw import raw
from benchmarks.parts.ways import BY_HAND, CLIENT, WORKER, by_client, by_hand, each_in_turn
from comfy_gen.comfyui import AsyncComfyUIClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.conditions import Conditions
    from benchmarks.parts.engines import Engine

BARS = (
    Bar(CLIENT, 3.0, beside=BY_HAND, is_added=True),
    Bar(WORKER, 10.0, beside=BY_HAND, is_added=True),
    Bar(WORKER, 50.0, "p99", beside=BY_HAND, is_added=True),
)


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield the milliseconds of one picture, on a sandbox that takes no time and on a ComfyUI."""
    for engine in engines(conditions, IDLE, COMFYUI):
        rounds = conditions.count(40 if engine.is_real else 300, quick=10)
        taken = asyncio.run(latencies(engine, rounds))
        bars = () if engine.is_real else BARS
        yield Finding(f"one picture, {engine.name}", "ms", taken, beside=[BY_HAND], bars=bars)


async def latencies(engine: Engine, rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds of each way."""
    async with raw(engine.url) as peer, AsyncComfyUIClient(url=engine.url) as client, working([engine.url]) as queue:
        ways = {BY_HAND: by_hand(peer), CLIENT: by_client(client), WORKER: by_queue(queue)}
        return await each_in_turn(ways, engine.graph, rounds=rounds)
