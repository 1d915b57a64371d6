from __future__ import annotations

import asyncio

import pytest

from comfy_gen.batch.attempt import Attempt
from comfy_gen.batch.job import make_job
from comfy_gen.comfyui import AsyncComfyUIClient
from comfy_gen.errors import ExecutionFailedError, PromptRejectedError, WaitTimeoutError
from comfy_gen.sandbox import Sandbox
from tests.batch.conftest import graph


@pytest.fixture
async def sandbox():
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox):
    async with AsyncComfyUIClient(url=sandbox.url) as client:
        yield client


async def test_outcome_is_returned_under_the_attempts_id(client):
    attempt = Attempt(client, make_job("a", graph()))
    outcome, collected = await attempt.run()
    assert (outcome.prompt_id, len(outcome.files), collected) == (attempt.prompt_id, 1, None)


async def test_failure_is_raised(client, sandbox):
    sandbox.add_fault("gpu_error")
    with pytest.raises(ExecutionFailedError):
        await Attempt(client, make_job("a", graph())).run()
    with pytest.raises(PromptRejectedError):
        await Attempt(client, make_job("a", {})).run()


async def test_patience_ends_and_is_told(client, sandbox):
    sandbox.add_fault("slow:seconds=60")
    attempt = Attempt(client, make_job("a", graph()), timeout=0.1)
    with pytest.raises(WaitTimeoutError) as caught:
        await attempt.run()
    assert caught.value.prompt_id == attempt.prompt_id
    assert await attempt.cancel()


async def test_earlier_attempt_is_taken_up_where_the_engine_has_it(client, sandbox):
    job = make_job("a", graph())
    earlier = await client.submit(job.workflow)
    await earlier.result(5)
    attempt = Attempt(client, job, earlier=["unheard-of", earlier.prompt_id])
    outcome, _ = await attempt.run()
    assert outcome.prompt_id == attempt.prompt_id == earlier.prompt_id
    assert len(outcome.files) == 1
    assert sandbox.prompts_received == 1


async def test_attempt_that_is_still_on_its_way_is_cancelled_when_it_arrives(client, sandbox):
    sandbox.add_fault("slow_answer:seconds=0.1")
    sandbox.add_fault("slow:seconds=60")
    attempt = Attempt(client, make_job("a", graph()))
    task = asyncio.create_task(attempt.run())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await attempt.cancel()
    assert await client.get_queue_remaining() == 0


async def test_engine_that_is_gone_cannot_be_told(client, sandbox):
    await sandbox.stop()
    assert not await Attempt(client, make_job("a", graph())).cancel()
