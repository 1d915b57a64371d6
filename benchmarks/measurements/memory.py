"""What 100,000 jobs cost in memory: in a service where they wait, in one that they go through, and in a batch.

100,000 are really accepted over HTTP and wait. As many cannot go through in the time that there is: so many as can do,
with the others still waiting, and what each adds tells what 100,000 would.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import psutil

from benchmarks.finding import Bar, Finding
from benchmarks.parts.connection import Connection
from benchmarks.parts.crowd import accepted
from benchmarks.parts.engines import sandboxes
from benchmarks.parts.serving import served
from comfy_gen.comfyui import ComfyUIClient
from comfy_gen.queue_manager import QueueManager
from comfy_gen.workflows.catalogue import load_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.conditions import Conditions
    from benchmarks.parts.serving import Served

MEMORY = 500.0
"""Megabytes that the service may take, its worker included."""
BATCH_MEMORY = 200.0
"""Megabytes that a process with 10,000 jobs of the batch class may take."""
PARTS = 4
"""Looks while they come in."""
SECONDS = 40.0
"""For which jobs go through."""
HUNDRED_THOUSAND = "100,000 more, by that"

Sample = tuple[float, float]
"""How many jobs there were, and the megabytes."""


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield the megabytes."""
    with sandboxes(1) as (engine,), served(engine) as service:
        yield from asyncio.run(_measured(service, conditions))
    yield batch(conditions.count(10_000, quick=500))


async def _measured(service: Served, conditions: Conditions) -> list[Finding]:
    connection = await Connection.open(service.port)
    await connection.wanted(200, "POST", "/queue/pause")
    jobs = conditions.count(100_000, quick=400)
    filled = await asyncio.to_thread(fill, service, jobs)
    await connection.wanted(200, "POST", "/queue/resume")
    done = await go_through(service, connection, SECONDS if not conditions.is_quick else 4.0)
    return [waiting(filled), passed(done)]


def fill(service: Served, jobs: int) -> list[Sample]:
    """Have jobs accepted, and look at the memory now and then."""
    samples = [(0.0, service.resident())]
    for part in range(1, PARTS + 1):
        accepted(service.port, jobs // PARTS)
        samples.append((part * jobs / PARTS, service.resident()))
    return samples


async def go_through(service: Served, connection: Connection, seconds: float) -> list[Sample]:
    """Return the memory while jobs are done, with how many were."""
    samples: list[Sample] = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        await asyncio.sleep(seconds / 30)
        counts = (await connection.wanted(200, "GET", "/queue-info"))["by_state"]
        samples.append((float(counts.get("completed", 0)), service.resident()))
    return samples


def waiting(samples: Sequence[Sample]) -> Finding:
    """Return what the service takes with so many waiting."""
    ways = {f"{jobs:,.0f} jobs wait": [size] for jobs, size in samples}
    return Finding("service and worker", "MB", ways, bars=[Bar([*ways][-1], MEMORY)])


def passed(samples: Sequence[Sample]) -> Finding:
    """Return what it takes while jobs go through; the first half, in which caches fill, does not count."""
    half = samples[len(samples) // 2 :]
    done, size = half[-1]
    each = slope(half)
    now = f"{done:,.0f} jobs done"
    ways: Mapping[str, list[float]] = {
        f"{half[0][0]:,.0f} jobs done": [half[0][1]],
        now: [size],
        HUNDRED_THOUSAND: [size + 100_000 * each],
    }
    note = f"{1000 * each:.1f} kB a job by least squares; the last row is no measurement. The others wait meanwhile."
    return Finding("jobs go through", "MB", ways, bars=[Bar(now, MEMORY)], note=note)


def slope(samples: Sequence[Sample]) -> float:
    """Return what each job adds, by least squares."""
    count = len(samples)
    middle, height = (sum(values) / count for values in zip(*samples, strict=True))
    spread = sum((jobs - middle) ** 2 for jobs, _ in samples)
    return sum((jobs - middle) * (size - height) for jobs, size in samples) / spread if spread else 0.0


def batch(jobs: int) -> Finding:
    """Return what the batch class, which keeps its jobs in memory, takes."""
    workflow = load_template("wan2.2-t2v").workflow
    way = f"{jobs:,} jobs queued"
    with sandboxes(1) as (engine,), ComfyUIClient(url=engine) as client:
        queue = QueueManager(client)
        for number in range(jobs):
            queue.add_job(f"job_{number}", workflow, {"number": number})
        taken = psutil.Process().memory_info().rss / 1e6
    return Finding("QueueManager, the whole process", "MB", {way: [taken]}, bars=[Bar(way, BATCH_MEMORY)])
