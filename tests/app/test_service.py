"""The service as a whole: who works, what is accepted, what is forgotten."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from comfy_gen.app import service as module
from comfy_gen.app.caller import ALL_SCOPES, Caller
from comfy_gen.app.service import open_image_service
from comfy_gen.config import Settings
from comfy_gen.errors import JobNotFoundError, JobStateError, OwnerQueueFullError
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.request import JobRequest
from comfy_gen.sandbox import Sandbox

GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 1}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}
ANYBODY = Caller("", ALL_SCOPES)


@pytest.fixture
async def engine():
    async with Sandbox() as engine:
        yield engine


@pytest.fixture
def settings(tmp_path, engine):
    usual = Settings()
    return replace(
        usual,
        fleet=replace(usual.fleet, engines=f"e={engine.url}"),
        jobs=replace(usual.jobs, data_dir=tmp_path),
    )


@pytest.fixture(autouse=True)
async def patience():
    async with asyncio.timeout(30):
        yield


async def done(service):
    accepted = await service.submit(ANYBODY, JobRequest(GRAPH))
    return await service.queue.watching.end(accepted.job.job_id)


async def test_one_process_accepts_and_does_the_work(settings):
    async with open_image_service(settings) as service:
        assert service.fleet is not None
        assert (await done(service)).state is JobState.COMPLETED


async def test_of_two_processes_one_works_and_the_other_takes_over(settings, monkeypatch):
    monkeypatch.setattr(module, "LOOK_EVERY", 0.05)
    async with AsyncExitStack() as both:
        first = await both.enter_async_context(open_image_service(settings))
        async with AsyncExitStack() as soon:
            soon.push_async_exit(both.pop_all())
            second = await both.enter_async_context(open_image_service(settings))
            assert (first.worker is None, second.worker is None) == (False, True)
            assert (await done(second)).state is JobState.COMPLETED
        assert (await done(second)).state is JobState.COMPLETED


async def test_service_without_a_worker_accepts_all_the_same(settings):
    idle = replace(settings, api=replace(settings.api, with_worker=False))
    async with open_image_service(idle) as service:
        accepted = await service.submit(ANYBODY, JobRequest(GRAPH))
        assert accepted.job.state is JobState.QUEUED
        assert service.worker is None


async def test_job_belongs_to_who_sent_it_whatever_it_says(settings):
    idle = replace(settings, api=replace(settings.api, with_worker=False))
    async with open_image_service(idle) as service:
        accepted = await service.submit(replace(ANYBODY, owner="ann"), JobRequest(GRAPH, owner="bob"))
        assert accepted.job.owner == "ann"


async def test_limit_of_waiting_jobs_is_each_owners(settings):
    idle = replace(settings, api=replace(settings.api, with_worker=False, max_waiting=1))
    async with open_image_service(idle) as service:
        ann, bob = (replace(ANYBODY, owner=name) for name in ("ann", "bob"))
        await service.submit(ann, JobRequest(GRAPH))
        with pytest.raises(OwnerQueueFullError):
            await service.submit(ann, JobRequest(GRAPH))
        await service.submit(replace(ann, max_waiting=5), JobRequest(GRAPH))
        await service.submit(bob, JobRequest(GRAPH))


async def test_deleting_forgets_the_job_and_its_files(settings):
    async with open_image_service(settings) as service:
        job = await done(service)
        (artifact,) = await service.queue.store.artifacts(job.job_id)
        await service.delete(job)
        assert not await service.artifacts.exists(artifact.key)
        assert not await service.artifacts.exists(artifact.thumbnail_key)
        with pytest.raises(JobNotFoundError):
            await service.queue.store.get(job.job_id)


async def test_job_that_goes_on_is_not_deleted(settings):
    idle = replace(settings, api=replace(settings.api, with_worker=False))
    async with open_image_service(idle) as service:
        accepted = await service.submit(ANYBODY, JobRequest(GRAPH))
        with pytest.raises(JobStateError):
            await service.delete(accepted.job)
