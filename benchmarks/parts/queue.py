"""The durable queue with its worker, in this process."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.parts.ways import timed
from comfy_gen.app import JobQueue, open_service
from comfy_gen.config import Settings
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.request import JobRequest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from benchmarks.parts.ways import Way


@asynccontextmanager
async def working(urls: Sequence[str]) -> AsyncGenerator[JobQueue]:
    """Give a queue whose worker drives these engines, as one process has both."""
    with tempfile.TemporaryDirectory() as folder:
        usual = Settings()
        settings = replace(
            usual,
            fleet=replace(usual.fleet, engines=" ".join(urls)),
            jobs=replace(usual.jobs, data_dir=Path(folder)),
        )
        async with open_service(settings) as (queue, worker):
            running = asyncio.create_task(worker.run())
            async with asyncio.timeout(60):
                while len(worker.fleet.seats()) < len(urls):
                    await asyncio.sleep(0.05)
            try:
                yield queue
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


def by_queue(queue: JobQueue) -> Way:
    """Return the way by the queue: at its end the files are stored."""
    return lambda graphs: timed(asyncio.gather(*(finished(queue, graph) for graph in graphs)))


async def finished(queue: JobQueue, graph: dict[str, Any]) -> None:
    """Submit a graph and wait for what it made."""
    (accepted,) = await queue.submit([JobRequest(graph)])
    async for _ in queue.watch(accepted.job.job_id):
        pass
    if (await queue.store.get(accepted.job.job_id)).state is not JobState.COMPLETED:
        raise RuntimeError("a job did not complete")


async def emptied(queue: JobQueue, graphs: Sequence[dict[str, Any]]) -> float:
    """Return the seconds in which the engines do so many jobs, accepted together."""
    before = await _completed(queue)
    began = time.perf_counter()
    await queue.submit([JobRequest(graph) for graph in graphs])
    while await _completed(queue) < before + len(graphs):
        await asyncio.sleep(0.02)
    return time.perf_counter() - began


async def _completed(queue: JobQueue) -> int:
    return (await queue.store.count()).get(JobState.COMPLETED, 0)
