"""comfy-api-proxy, which serves the Comfy API v2 in front of a ComfyUI, and the SDK of whoever speaks as it does.

Both are among the tools of development.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.parts.serving import Served, server

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Sequence

DRIVER = """
import asyncio, json, sys, time
from comfy_sdk import AsyncComfy

async def run(client, graph, how, free):
    async with free:
        await finished(client, graph, how)

async def finished(client, graph, how):
    job = await client.submit(client.workflows.from_json(graph))
    if how == "events":
        async for _ in job.events():
            pass
        await job.refresh()
    else:
        await job.wait()
    while job.status == "expired":  # said now and then of one that moves from the engine's queue to its history
        await asyncio.sleep(0.05)
        await job.refresh()
    if job.status != "succeeded":
        raise RuntimeError(job.status)
    for output in job.outputs:
        await output.to_bytes()

async def main():
    async with AsyncComfy() as client:
        while line := await asyncio.to_thread(sys.stdin.readline):
            how, in_flight, graphs = json.loads(line)
            free = asyncio.Semaphore(in_flight)
            began = time.perf_counter()
            await asyncio.gather(*(run(client, graph, how, free) for graph in graphs))
            print(time.perf_counter() - began, flush=True)

asyncio.run(main())
"""


@contextmanager
def proxy(engine: str) -> Generator[Served]:
    """Give a proxy in front of an engine."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).with_name("comfy-api-proxy")), "run", "--comfyui", engine]
        command += ["--state-dir", folder]  # it, too, is to remember its jobs
        with server(command, "/api/v2/health", folder) as running:
            yield running


class Driver:
    """A program that runs graphs through a proxy with its SDK, and says how long it took."""

    def __init__(self, running: asyncio.subprocess.Process) -> None:
        self._running = running

    async def run(self, graphs: Sequence[dict[str, Any]], *, how: str, in_flight: int | None = None) -> float:
        """Return the seconds that these take, so many or all of them at a time.

        ``how`` it waits for them: by ``events``, or the usual way.
        """
        if self._running.stdin is None or self._running.stdout is None:
            raise AssertionError("both are pipes")
        self._running.stdin.write(json.dumps([how, in_flight or len(graphs), [*graphs]]).encode() + b"\n")
        return float(await self._running.stdout.readline())


@asynccontextmanager
async def driver(url: str) -> AsyncGenerator[Driver]:
    """Give a program with the SDK for as long as the block lasts."""
    pipe = asyncio.subprocess.PIPE
    environment = {**os.environ, "COMFY_BASE_URL": url}
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DRIVER, stdin=pipe, stdout=pipe, env=environment, limit=1 << 20
    )
    try:
        yield Driver(running)
    finally:
        running.kill()
        await running.wait()
