"""Jobs from the request to the stored file, over sandboxes: what survives what."""

from __future__ import annotations

import asyncio
import hashlib
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from comfy_gen.app import open_queue, open_service
from comfy_gen.config import Settings
from comfy_gen.engines.watchdog import WatchdogOptions
from comfy_gen.errors import JobStateError, WorkerRunningError
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Selection
from comfy_gen.jobs.request import JobRequest, Webhook
from comfy_gen.sandbox import Sandbox, SandboxOptions
from comfy_gen.sandbox.faults import Fault, Kind
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.edits import set_seed, set_size, set_steps

PATIENCE = 30
"""Seconds after which a test is stuck."""


def graph(color: int = 1) -> Any:
    return {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": color}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }


def sampled(seed: int = 1, steps: int = 20) -> Any:
    workflow = load_template("sd15").workflow
    return set_seed(set_steps(set_size(workflow, 64, 64), steps), seed)


class Service:
    """Engines, a queue, and workers that come and go."""

    def __init__(self, settings: Settings, stack: AsyncExitStack) -> None:
        self.settings = settings
        self._stack = stack
        self._workers: list[asyncio.Task[None]] = []

    async def open(self):
        self.queue = await self._stack.enter_async_context(open_queue(self.settings))
        self.store = self.queue.store
        return self

    async def start(self, watchdog: WatchdogOptions | None = None) -> None:
        started = asyncio.Event()

        async def work():
            async with open_service(self.settings) as (_, worker):
                if watchdog is not None:
                    worker._bench.options = replace(worker._bench.options, watchdog=watchdog)
                started.set()
                await worker.run()

        task = asyncio.create_task(work())
        self._workers.append(task)
        waiting = asyncio.create_task(started.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if task.done():
            await task

    async def stop(self) -> None:
        for task in self._workers:
            task.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._workers.clear()

    async def submit(self, *requests: JobRequest) -> list[str]:
        return [one.job.job_id for one in await self.queue.submit(requests)]

    async def ended(self, job_id: str):
        async with asyncio.timeout(PATIENCE):
            async for _ in self.queue.watch(job_id):
                pass
        return await self.store.get(job_id)

    async def reached(self, job_id: str, state: JobState):
        async with asyncio.timeout(PATIENCE):
            async for event in self.queue.watch(job_id):
                if event.data.get("state") == state:
                    return
        raise AssertionError(f"it never was {state}")

    async def progressed(self, job_id: str) -> None:
        async with asyncio.timeout(PATIENCE):
            async for event in self.queue.watch(job_id):
                if event.type == "progress" and event.data["progress"]:
                    return


@pytest.fixture
async def serve(tmp_path):
    """Start a service over so many sandboxes; it is torn down with the test."""
    async with AsyncExitStack() as stack:

        @asynccontextmanager
        async def lifetime(*options: SandboxOptions, **jobs):
            engines = [await stack.enter_async_context(Sandbox(one)) for one in options]
            usual = Settings()
            settings = replace(
                usual,
                fleet=replace(usual.fleet, engines=" ".join(f"e{n}={one.url}" for n, one in enumerate(engines))),
                jobs=replace(usual.jobs, data_dir=tmp_path, allow_private_urls=True, **jobs),
            )
            service = await Service(settings, stack).open()
            try:
                yield service, engines
            finally:
                await service.stop()

        yield lifetime


async def test_job_goes_all_the_way_and_its_file_is_stored(serve):
    async with serve(SandboxOptions()) as (service, _):
        (job_id,) = await service.submit(JobRequest(graph(), title="one"))
        await service.start()
        job = await service.ended(job_id)
        assert (job.state, job.engine, job.attempt, job.failure) == (JobState.COMPLETED, "e0", 1, None)
        (artifact,) = await service.store.artifacts(job_id)
        content = service.queue.artifact_path(artifact).read_bytes()
        assert hashlib.sha256(content).hexdigest() == artifact.sha256
        assert (artifact.width, artifact.height, artifact.media_type) == (8, 8, "image/png")
        states = [event.data["state"] for event in await service.store.events(job_id) if event.type == "state"]
        assert states == ["queued", "preprocessing", "generating", "postprocessing", "completed"]
        assert {"waited", "preprocess", "generate", "postprocess", "nodes"} <= job.timings.keys()


async def test_events_are_numbered_and_progress_is_among_them(serve):
    async with serve(SandboxOptions(step_time=0.05)) as (service, _):
        await service.start()
        (job_id,) = await service.submit(JobRequest(sampled()))
        seen = [event async for event in service.queue.watch(job_id)]
        numbers = [event.number for event in seen]
        assert numbers == sorted(set(numbers))
        assert any(event.type == "progress" and 0 < event.data["progress"] < 1 for event in seen)
        again = [event.number async for event in service.queue.watch(job_id, after=numbers[1])]
        assert again[-1] == numbers[-1]
        assert min(again) > numbers[1]


async def test_many_jobs_over_several_engines_each_done_once(serve):
    async with serve(*[SandboxOptions()] * 3) as (service, engines):
        await service.start()
        ids = await service.submit(*(JobRequest(graph(number)) for number in range(60)))
        for job_id in ids:
            assert (await service.ended(job_id)).state is JobState.COMPLETED
        assert sum(engine.prompts_executed for engine in engines) == 60
        assert all(engine.prompts_executed for engine in engines)


async def test_job_that_waits_is_cancelled_at_once(serve):
    async with serve(SandboxOptions()) as (service, engines):
        (job_id,) = await service.submit(JobRequest(graph()))
        (changed,) = await service.store.cancel(Selection([job_id]), now=time.time())
        assert changed.state is JobState.CANCELLED
        await service.start()
        assert engines[0].prompts_received == 0


async def test_job_that_runs_is_cancelled_on_its_engine_and_no_other_is(serve):
    async with serve(SandboxOptions(step_time=0.1)) as (service, _):
        await service.start()
        first, second = await service.submit(JobRequest(sampled(1, steps=100)), JobRequest(sampled(2, steps=3)))
        await service.reached(first, JobState.GENERATING)
        await service.store.cancel(Selection([first]), now=time.time())
        assert (await service.ended(first)).state is JobState.CANCELLED
        assert (await service.ended(second)).state is JobState.COMPLETED
        assert not await service.store.artifacts(first)


async def test_prompt_that_runs_while_the_worker_is_replaced_is_found_again_and_not_sent_twice(serve):
    async with serve(SandboxOptions(step_time=0.05)) as (service, engines):
        await service.start()
        (job_id,) = await service.submit(JobRequest(sampled()))
        await service.progressed(job_id)
        await service.stop()
        await service.start()
        job = await service.ended(job_id)
        assert (job.state, job.attempt) == (JobState.COMPLETED, 2)
        assert engines[0].prompts_received == 1
        endings = [one.ending for one in await service.store.attempts(job_id)]
        assert endings == ["superseded", "succeeded"]


async def test_job_whose_engine_dies_is_done_by_another(serve):
    dying = SandboxOptions(step_time=0.02, faults=(Fault(Kind.DIE, step=2),))
    async with serve(dying, SandboxOptions(step_time=0.02)) as (service, _):
        await service.start()
        ids = await service.submit(*(JobRequest(sampled(number, steps=5)) for number in range(8)))
        jobs = [await service.ended(job_id) for job_id in ids]
        assert {job.state for job in jobs} == {JobState.COMPLETED}
        assert "e1" in {job.engine for job in jobs}


async def test_job_that_is_stuck_on_an_engine_is_done_by_another(serve):
    hanging = SandboxOptions(faults=(Fault(Kind.HANG, step=2, times=None),))
    async with serve(hanging, SandboxOptions()) as (service, _):
        await service.start(WatchdogOptions(floor=0.3, unlearnt=0.3, loading=0.3))
        ids = await service.submit(*(JobRequest(sampled(number, steps=5)) for number in range(4)))
        jobs = [await service.ended(job_id) for job_id in ids]
        assert {(job.state, job.engine) for job in jobs} == {(JobState.COMPLETED, "e1")}
        failures = [one.failure for job_id in ids for one in await service.store.attempts(job_id) if one.failure]
        assert "stuck" in {failure.code for failure in failures}


async def test_job_that_fails_on_every_engine_is_quarantined_with_its_evidence(serve):
    broken = SandboxOptions(faults=(Fault(Kind.GPU_ERROR, times=None),))
    async with serve(broken, broken, max_attempts=2) as (service, _):
        await service.start()
        (job_id,) = await service.submit(JobRequest(sampled()))
        job = await service.ended(job_id)
        assert (job.state, job.failure.code) == (JobState.FAILED, "quarantined")
        assert sorted(job.failure.details["engines"]) == ["e0", "e1"]
        assert [one.failure.code for one in await service.store.attempts(job_id)] == ["gpu_error", "quarantined"]


async def test_job_that_no_engine_can_run_fails_at_once_with_what_is_missing(serve):
    async with serve(SandboxOptions()) as (service, engines):
        await service.start()
        workflow = sampled()
        workflow["99"] = {"class_type": "NodeOfNobody", "inputs": {}}
        (job_id,) = await service.submit(JobRequest(workflow))
        job = await service.ended(job_id)
        assert (job.state, job.failure.code) == (JobState.FAILED, "no_capable_engine")
        assert "NodeOfNobody" in job.failure.message
        assert engines[0].prompts_received == 0


async def test_job_that_needs_a_model_goes_where_it_is(serve):
    without = SandboxOptions(models={"checkpoints": ("other.safetensors",)})
    async with serve(without, SandboxOptions()) as (service, engines):
        await service.start()
        ids = await service.submit(*(JobRequest(sampled(number, steps=1)) for number in range(4)))
        assert {(await service.ended(job_id)).engine for job_id in ids} == {"e1"}
        assert engines[0].prompts_received == 0


async def test_jobs_that_nobody_can_run_for_now_do_not_keep_others_out(serve):
    gone, here = SandboxOptions(), SandboxOptions(models={})
    async with serve(gone, here) as (service, engines):
        await service.start()
        (job_id,) = await service.submit(JobRequest(sampled(steps=1)))
        await service.ended(job_id)
        await engines[0].stop()
        waiting = await service.submit(*(JobRequest(sampled(number, steps=1)) for number in range(300)))
        (other,) = await service.submit(JobRequest(graph()))
        assert (await service.ended(other)).engine == "e1"
        assert (await service.store.get(waiting[-1])).state is JobState.QUEUED


async def test_failed_job_is_begun_afresh_by_retry(serve):
    async with serve(SandboxOptions(faults=(Fault(Kind.GPU_ERROR, times=1),)), max_attempts=1) as (service, _):
        await service.start()
        (job_id,) = await service.submit(JobRequest(sampled(steps=1)))
        assert (await service.ended(job_id)).state is JobState.FAILED
        await service.store.retry(Selection([job_id]), now=time.time())
        job = await service.ended(job_id)
        assert (job.state, job.strikes) == (JobState.COMPLETED, 0)
        with pytest.raises(JobStateError):
            await service.store.retry(Selection([job_id]), now=time.time())


async def test_held_job_waits_until_it_is_released(serve):
    async with serve(SandboxOptions()) as (service, _):
        held, other = await service.submit(JobRequest(graph(1)), JobRequest(graph(2)))
        await service.store.hold(Selection([held]), now=time.time())
        await service.start()
        assert (await service.ended(other)).state is JobState.COMPLETED
        assert (await service.store.get(held)).state is JobState.QUEUED
        await service.store.release(Selection([held]), now=time.time())
        assert (await service.ended(held)).state is JobState.COMPLETED


async def test_paused_queue_starts_nothing(serve):
    async with serve(SandboxOptions()) as (service, engines):
        await service.store.set_paused(True)
        await service.start()
        (job_id,) = await service.submit(JobRequest(graph()))
        await service.store.set_paused(False)
        assert (await service.ended(job_id)).state is JobState.COMPLETED
        assert engines[0].prompts_received == 1


async def test_webhook_is_told_once_and_gets_its_own_back(serve):
    got: list[tuple[str, Any]] = []
    told = asyncio.Event()

    async def receive(request: web.Request) -> web.Response:
        got.append((request.headers["webhook-id"], await request.json()))
        told.set()
        return web.Response()

    receiver = web.Application()
    receiver.router.add_post("/hook", receive)
    async with TestServer(receiver) as server, serve(SandboxOptions()) as (service, _):
        await service.start()
        webhook = Webhook(str(server.make_url("/hook")), {"order": 7})
        (job_id,) = await service.submit(JobRequest(graph(), webhook=webhook))
        async with asyncio.timeout(PATIENCE):
            await told.wait()
        ((_, body),) = got
        assert body["order"] == 7
        assert job_id in str(body)


async def test_engine_that_is_added_while_the_worker_runs_gets_jobs(serve):
    async with serve(SandboxOptions(models={})) as (service, _), Sandbox() as late:
        await service.start()
        from comfy_gen.engines.registry import parse_entry

        await service.store.roster.add_engine(parse_entry(f"late={late.url}"))
        (job_id,) = await service.submit(JobRequest(sampled(steps=1)))
        async with asyncio.timeout(PATIENCE):
            while (job := await service.ended(job_id)).state is JobState.FAILED:
                await service.store.retry(Selection([job_id]), now=time.time())
        assert job.engine == "late"


async def test_draining_engine_gets_nothing(serve):
    async with serve(SandboxOptions(), SandboxOptions()) as (service, engines):
        await service.queue.enter_configured()
        await service.store.roster.set_engine_state("e0", "draining")
        await service.start()
        ids = await service.submit(*(JobRequest(graph(number)) for number in range(6)))
        assert {(await service.ended(job_id)).engine for job_id in ids} == {"e1"}
        assert engines[0].prompts_received == 0


async def test_second_worker_on_one_file_is_refused(serve):
    async with serve(SandboxOptions()) as (service, _):
        await service.start()
        with pytest.raises(WorkerRunningError):
            async with open_service(service.settings):
                pass


async def test_lost_answer_to_a_prompt_does_not_run_it_twice(serve):
    async with serve(SandboxOptions(faults=(Fault(Kind.LOSE_ANSWER),))) as (service, engines):
        await service.start()
        (job_id,) = await service.submit(JobRequest(graph()))
        assert (await service.ended(job_id)).state is JobState.COMPLETED
        assert engines[0].prompts_executed == 1


async def test_url_in_the_graph_is_fetched_and_uploaded(serve, tmp_path):
    import io

    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")

    async def give(_: web.Request) -> web.Response:
        return web.Response(body=picture.getvalue())

    site = web.Application()
    site.router.add_get("/in.png", give)
    async with TestServer(site) as server, serve(SandboxOptions()) as (service, _):
        await service.start()
        workflow = {
            "1": {"class_type": "LoadImage", "inputs": {"image": str(server.make_url("/in.png"))}},
            "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
        }
        (job_id,) = await service.submit(JobRequest(workflow))
        job = await service.ended(job_id)
        assert (job.state, job.failure) == (JobState.COMPLETED, None)
