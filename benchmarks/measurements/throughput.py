"""How much of what an engine can execute alone it still executes when one client queues and follows all of it."""

from __future__ import annotations

import asyncio
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import aiohttp

from benchmarks.finding import Bar, Finding
from benchmarks.parts.engines import COMFYUI, IDLE, Engine, engines, sandboxes
from benchmarks.parts.graphs import sampled
from benchmarks.parts.ways import CLIENT
from comfy_gen.comfyui import AsyncComfyUIClient, Ending

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from benchmarks.conditions import Conditions

ALONE = "the engine alone"
SHARE = 0.95
STEPS = 4
STEP = 0.002


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield the rates of pictures that are sampled, of the smallest graph there is, and of a ComfyUI."""
    with _sampling() as engine:
        yield asyncio.run(compare(engine, conditions))
    for engine in engines(conditions, IDLE, COMFYUI):
        yield asyncio.run(compare(engine, conditions))


@contextmanager
def _sampling() -> Generator[Engine]:
    with sandboxes(1, step_time=STEP) as (url,):
        yield Engine(f"sandbox, {STEPS} steps of {1000 * STEP:g} ms", url, lambda: sampled(steps=STEPS))


async def compare(engine: Engine, conditions: Conditions) -> Finding:
    """Return the prompts a second, alone and followed, measured in turns."""
    count = conditions.count(50 if engine.is_real else 200, quick=20)
    rates: dict[str, list[float]] = {ALONE: [], CLIENT: []}
    for _ in range(conditions.count(1 if engine.is_real else 3, quick=1)):
        for name, run in ((ALONE, alone), (CLIENT, followed)):
            rates[name].append(count / await run(engine.url, [engine.graph() for _ in range(count)]))
    title = f"{count} queued prompts, {engine.name}"
    bar = Bar(CLIENT, SHARE, beside=ALONE)
    return Finding(title, "prompts/s", rates, better="more", beside=[ALONE], bars=[bar])


async def alone(url: str, graphs: Sequence[dict[str, Any]]) -> float:
    """Return the seconds from the first POST until the queue is empty, its messages read and thrown away."""
    client_id = uuid.uuid4().hex
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/ws?clientId={client_id}") as socket:
        drain = asyncio.create_task(_drain(socket))
        began = time.perf_counter()
        for graph in graphs:
            async with session.post(f"{url}/prompt", json={"prompt": graph, "client_id": client_id}) as answer:
                answer.raise_for_status()
        while await _remaining(session, url):
            await asyncio.sleep(0.01)
        seconds = time.perf_counter() - began
        drain.cancel()
    return seconds


async def _drain(socket: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        await socket.receive()


async def _remaining(session: aiohttp.ClientSession, url: str) -> int:
    async with session.get(f"{url}/prompt") as answer:
        return (await answer.json())["exec_info"]["queue_remaining"]


async def followed(url: str, graphs: Sequence[dict[str, Any]]) -> float:
    """Return the seconds from the first submission until every outcome is known."""
    async with AsyncComfyUIClient(url=url) as client:
        began = time.perf_counter()
        runs = [await client.submit(graph) for graph in graphs]
        outcomes = [await run.result() for run in runs]
        seconds = time.perf_counter() - began
    if any(outcome.ending is not Ending.SUCCESS or len(outcome.files) != 1 for outcome in outcomes):
        raise RuntimeError("a run left no file")
    return seconds
