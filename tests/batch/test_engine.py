from __future__ import annotations

import asyncio
import gc

import pytest

from comfy_gen.batch.engine import Engine, Stray
from comfy_gen.batch.job import JobStatus, make_job
from comfy_gen.comfyui import AsyncComfyUIClient, ClientOptions, ComfyUIClient
from comfy_gen.engines.attempt import Attempt
from comfy_gen.errors import ClientClosedError
from comfy_gen.queue_manager import QueueManager
from comfy_gen.sandbox import Sandbox
from tests.background import BackgroundSandbox
from tests.batch.conftest import graph


@pytest.fixture
async def sandbox():
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def engine(sandbox):
    async with AsyncComfyUIClient(url=sandbox.url, options=ClientOptions(use_websocket=False)) as client:
        yield Engine(client)


def watching(engine, *, grace=0.0):
    return engine.watch(every=0.01, grace=grace, clock=asyncio.get_running_loop().time, sleep=asyncio.sleep)


def occupied(engine):
    engine.attempts["a"] = Attempt(engine.client, graph())


async def test_engine_that_answers_is_ready_and_one_that_does_not_is_not(engine, sandbox):
    assert await engine.is_ready()
    await sandbox.stop()
    assert not await engine.is_ready()


async def test_watch_ends_when_nobody_listens_any_more(engine, sandbox):
    occupied(engine)
    await sandbox.stop()
    assert await asyncio.wait_for(watching(engine), 5)


async def test_watch_ends_with_the_last_attempt(engine):
    assert not await watching(engine)
    occupied(engine)
    watch = asyncio.create_task(watching(engine))
    await asyncio.sleep(0)
    engine.attempts.clear()
    assert not await asyncio.wait_for(watch, 5)


async def test_engine_that_fails_otherwise_is_not_gone(engine, sandbox):
    sandbox.add_fault("error_500:route=GET /prompt,times=forever")
    occupied(engine)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(watching(engine), 0.1)


async def test_stray_that_nobody_wants_is_cancelled(engine, sandbox):
    sandbox.add_fault("hang")
    job = make_job("a", graph())
    job.status = JobStatus.COMPLETED
    running = await engine.client.submit(graph(1))
    waiting = await engine.client.submit(graph(2))
    engine.strays[waiting.prompt_id] = Stray(job, is_welcome=True)
    assert await engine.is_ready()
    assert (await engine.client.read_queue()).prompt_ids == {running.prompt_id}
    assert await engine.is_ready()
    assert engine.strays == {}


async def test_engine_that_hangs_in_a_stray_is_not_ready(engine, sandbox):
    sandbox.add_fault("hang")
    hung = await engine.client.submit(graph())
    engine.strays[hung.prompt_id] = Stray(make_job("a", graph()), is_welcome=False)
    assert not await engine.is_ready()


async def test_stray_whose_job_waits_is_kept_for_it(engine, sandbox):
    sandbox.add_fault("hang")
    job, run = make_job("a", graph()), await engine.client.submit(graph())
    engine.strays[run.prompt_id] = Stray(job, is_welcome=True)
    assert await engine.is_ready()
    assert engine.earlier(make_job("a", graph())) == []
    assert engine.earlier(job) == [run.prompt_id]
    assert engine.strays == {}


async def test_attempt_that_cannot_be_cancelled_becomes_a_stray(engine, sandbox):
    await sandbox.stop()
    job = make_job("a", graph())
    attempt = Attempt(engine.client, job.workflow)
    assert not await engine.cancel(job, attempt)
    assert engine.strays == {attempt.prompt_id: Stray(job, is_welcome=False)}


async def test_engine_that_does_not_listen_is_not_freed_and_no_error(engine, sandbox):
    await sandbox.stop()
    await engine.free()


async def test_client_may_live_on_another_loop():
    async def loop():
        return asyncio.get_running_loop()

    with BackgroundSandbox() as sandbox, ComfyUIClient(url=sandbox.url) as client:
        engine = Engine(client.aio, client.loop.run(loop()))
        assert await engine.call(client.aio.get_queue_remaining()) == 0


async def test_closed_loop_is_a_closed_client():
    loop = asyncio.new_event_loop()
    loop.close()
    engine = Engine(AsyncComfyUIClient(), loop)
    with pytest.raises(ClientClosedError):
        await engine.call(asyncio.sleep(0))


def test_clients_that_only_a_queue_holds_stay_open(background_sandbox):
    queue = QueueManager(ComfyUIClient(url=background_sandbox.url))
    gc.collect()
    job = queue.add_job("a", graph())
    queue.start()
    assert queue.wait_for_completion(20)
    queue.stop()
    assert job.status is JobStatus.COMPLETED
    queue._clients[0].close()
