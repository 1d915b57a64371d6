"""What the tests of jobs have run, and how they follow it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

from comfy_gen.jobs.job import ENDS, JobState
from comfy_gen.jobs.records import JobFilter
from comfy_gen.sandbox.faults import Fault, Kind
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.edits import set_seed, set_size, set_steps
from comfy_gen.workflows.graph import nodes_of_type
from tests.api.conftest import PATIENCE, picture_graph

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx

    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Job
    from tests.api.conftest import Served

JOBS = "/api/v2/jobs"
_SEEDS = count(1)


def sampled(steps: int = 500) -> dict[str, Any]:
    """A workflow with a sampler, which no engine has run before."""
    return set_seed(set_steps(set_size(load_template("sd15").workflow, 64, 64), steps), next(_SEEDS))


def sampler_of(graph: dict[str, Any]) -> str:
    """Return the id of the node that samples."""
    (node_id,) = nodes_of_type(graph, "KSampler")
    return node_id


async def submitted(client: httpx.AsyncClient, workflow: Any = None, **said: Any) -> Any:
    """Have a job accepted, and return what is told of it."""
    answer = await client.post(JOBS, json={"workflow": workflow or picture_graph(), **said})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def told_of(client: httpx.AsyncClient, job_id: str) -> Any:
    """Return what is told of a job now."""
    answer = await client.get(f"{JOBS}/{job_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ended(desk: Served, job_id: JobId) -> Job:
    """Return a job once it has ended."""
    async with asyncio.timeout(PATIENCE):
        job = await desk.service.queue.watching.end(job_id)
    assert job is not None
    return job


async def slowed(desk: Served) -> None:
    """Have the next job take its time, once no earlier one is left that might be taken for it."""
    for job in (await desk.service.queue.store.list(JobFilter(tuple(set(JobState) - ENDS)))).jobs:
        await ended(desk, job.job_id)
    desk.engine.add_fault(Fault(Kind.SLOW, seconds=0.02))


async def started(desk: Served, client: httpx.AsyncClient) -> Any:
    """Have a job run that takes longer than any test."""
    await slowed(desk)
    job_id = (await submitted(client, sampled()))["id"]
    async with asyncio.timeout(PATIENCE):
        async for event in desk.service.queue.watch(job_id):
            if event.type == "progress" and "step" in event.data:
                return job_id
    raise AssertionError("it never began")


@asynccontextmanager
async def paused(desk: Served) -> AsyncGenerator[None]:
    """Have no job start in this block."""
    store = desk.service.queue.store
    await store.set_paused(True)
    try:
        yield
    finally:
        await store.set_paused(False)
