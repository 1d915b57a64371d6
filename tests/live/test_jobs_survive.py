"""A real ComfyUI and a real worker, killed with jobs queued: all finish, and none is run twice."""

from __future__ import annotations

import asyncio
import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from comfy_gen.app import open_queue
from comfy_gen.comfyui import AsyncComfyUIClient
from comfy_gen.config import JobOptions, Settings
from comfy_gen.jobs.job import ENDS, JobState
from comfy_gen.jobs.request import JobRequest
from tests.chaos.processes import Process
from tests.contracts.graphs import text_to_image

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
    from pathlib import Path

    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.job import JobId
    from tests.live.comfyui.server import ComfyUI

PATIENCE = 90.0
STEPS = 60
"""So many that there is time to kill somebody: a second or so."""


@pytest.fixture
async def queue(tmp_path: Path) -> AsyncIterator[JobQueue]:
    async with open_queue(Settings(jobs=JobOptions(data_dir=tmp_path))) as queue:
        yield queue


@pytest.fixture
def worker(fresh_comfyui: ComfyUI, queue: JobQueue, tmp_path: Path) -> Iterator[Process]:
    environment = {
        **os.environ,
        "COMFYGEN_JOBS_DATA_DIR": str(queue.settings.jobs.data_dir),
        "COMFYGEN_ENGINES": fresh_comfyui.url,
    }
    with Process("worker", ["-m", "comfy_gen", "worker"], folder=tmp_path, environment=environment) as worker:
        yield worker


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await is_so():
            await asyncio.sleep(0.05)


async def submit(queue: JobQueue, count: int) -> Sequence[JobId]:
    requests = [JobRequest(text_to_image(seed=seed, steps=STEPS)) for seed in range(count)]
    return [one.job.job_id for one in await queue.submit(requests)]


async def have_ended(queue: JobQueue, job_ids: Sequence[JobId]) -> bool:
    return all([(await queue.store.get(job_id)).state in ENDS for job_id in job_ids])


async def is_sampling(queue: JobQueue, job_id: JobId) -> bool:
    job = await queue.store.get(job_id)
    return job.state is JobState.GENERATING and bool(job.progress)


async def check_completed(queue: JobQueue, job_ids: Sequence[JobId]) -> None:
    for job_id in job_ids:
        job = await queue.store.get(job_id)
        assert job.state is JobState.COMPLETED, job.failure
        [artifact] = await queue.store.artifacts(job_id)
        content = queue.artifact_path(artifact).read_bytes()
        assert hashlib.sha256(content).hexdigest() == artifact.sha256


@pytest.mark.usefixtures("worker")
async def test_jobs_finish_though_comfyui_was_killed_with_all_of_them_queued(
    queue: JobQueue, fresh_comfyui: ComfyUI
) -> None:
    job_ids = await submit(queue, 5)
    await until(lambda: is_sampling(queue, job_ids[0]))
    await asyncio.to_thread(fresh_comfyui.restart)
    await until(lambda: have_ended(queue, job_ids))
    await check_completed(queue, job_ids)


async def test_prompt_of_a_killed_worker_is_followed_on_and_not_sent_again(
    queue: JobQueue, fresh_comfyui: ComfyUI, worker: Process
) -> None:
    job_ids = await submit(queue, 3)
    await until(lambda: is_sampling(queue, job_ids[0]))
    worker.kill()
    worker.start()
    await until(lambda: have_ended(queue, job_ids))
    await check_completed(queue, job_ids)
    attempts = await queue.store.attempts(job_ids[0])
    assert [one.ending for one in attempts] == ["superseded", "succeeded"]
    assert attempts[0].prompt_id == attempts[1].prompt_id
    async with AsyncComfyUIClient(url=fresh_comfyui.url) as client:
        history = await client.get_history()
    assert sorted(history) == sorted([(await queue.store.get(job_id)).prompt_id or "" for job_id in job_ids])


async def test_jobs_finish_though_comfyui_and_the_worker_were_killed_at_once(
    queue: JobQueue, fresh_comfyui: ComfyUI, worker: Process
) -> None:
    job_ids = await submit(queue, 4)
    await until(lambda: is_sampling(queue, job_ids[0]))
    worker.kill()
    fresh_comfyui.kill()
    worker.start()
    await asyncio.to_thread(fresh_comfyui.start, fresh_comfyui.port)
    await until(lambda: have_ended(queue, job_ids))
    await check_completed(queue, job_ids)
