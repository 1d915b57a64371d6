from __future__ import annotations

import asyncio

import pytest

from comfy_gen.comfyui import AsyncComfyUIClient
from comfy_gen.comfyui.tracker import Ending, Outcome, Started, Unheard
from comfy_gen.engines.attempt import Attempt
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
    attempt = Attempt(client, graph())
    outcome = await attempt.run()
    assert (outcome.prompt_id, len(outcome.files)) == (attempt.prompt_id, 1)


async def test_prompt_id_may_be_given(client):
    attempt = Attempt(client, graph(), prompt_id="11111111-2222-4333-8444-555555555555")
    assert (await attempt.run()).prompt_id == "11111111-2222-4333-8444-555555555555"


async def test_every_event_is_observed_and_the_outcome_last(client):
    events = []
    outcome = await Attempt(client, graph(), observe=events.append).run()
    assert events[-1] is outcome
    assert {Started, Outcome} <= {type(event) for event in events}


async def test_failure_is_raised(client, sandbox):
    sandbox.add_fault("gpu_error")
    with pytest.raises(ExecutionFailedError):
        await Attempt(client, graph()).run()
    with pytest.raises(PromptRejectedError):
        await Attempt(client, {}).run()


async def test_only_the_targets_run(client):
    two = {**graph(), "3": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}}
    outcome = await Attempt(client, two, targets=["3"]).run()
    assert set(outcome.outputs) == {"3"}


async def test_patience_ends_and_is_told(client, sandbox):
    sandbox.add_fault("slow:seconds=60")
    attempt = Attempt(client, graph(), timeout=0.1)
    with pytest.raises(WaitTimeoutError) as caught:
        await attempt.run()
    assert caught.value.prompt_id == attempt.prompt_id
    assert attempt.is_there
    assert await attempt.cancel()


async def test_earlier_attempt_is_taken_up_where_the_engine_has_it(client, sandbox):
    earlier = await client.submit(graph())
    await earlier.result(5)
    attempt = Attempt(client, graph(), earlier=["unheard-of", earlier.prompt_id])
    outcome = await attempt.run()
    assert outcome.prompt_id == attempt.prompt_id == earlier.prompt_id
    assert len(outcome.files) == 1
    assert sandbox.prompts_received == 1


async def test_earlier_attempt_that_runs_is_followed_by_another_client(client, sandbox):
    sandbox.add_fault("slow:seconds=0.05")
    events = []
    async with AsyncComfyUIClient(url=sandbox.url) as dead:
        earlier = await dead.submit(graph())
    attempt = Attempt(client, graph(), prompt_id=earlier.prompt_id, earlier=[earlier.prompt_id], observe=events.append)
    outcome = await asyncio.wait_for(attempt.run(), 10)
    assert (outcome.ending, outcome.prompt_id) == (Ending.SUCCESS, earlier.prompt_id)
    assert Unheard not in {type(event) for event in events[1:]}
    assert sandbox.prompts_received == 1


async def test_prompt_that_the_engine_has_not_is_sent_under_the_same_id(client, sandbox):
    prompt_id = "11111111-2222-4333-8444-555555555555"
    outcome = await Attempt(client, graph(), prompt_id=prompt_id, earlier=[prompt_id]).run()
    assert (outcome.prompt_id, sandbox.prompts_received) == (prompt_id, 1)


@pytest.mark.parametrize("is_over", [True, False])
async def test_prompt_taken_up_again_is_partial_where_the_engine_left_out_an_output(client, sandbox, is_over):
    sandbox.add_fault("slow:seconds=0.02")
    workflow = {**graph(), "9": {"class_type": "SaveImage", "inputs": {"images": ["gone", 0], "filename_prefix": "x"}}}
    earlier = await client.submit(workflow, targets=["2"])
    if is_over:
        await earlier.result(5)
    async with AsyncComfyUIClient(url=sandbox.url) as another:
        outcome = await Attempt(another, workflow, earlier=[earlier.prompt_id]).run()
    assert outcome.ending is Ending.PARTIAL
    assert outcome.problems == ("SaveImage (node 9): the engine left this output out: why was told to whoever sent it",)


async def test_attempt_that_is_still_on_its_way_is_cancelled_when_it_arrives(client, sandbox):
    sandbox.add_fault("slow_answer:seconds=0.1")
    sandbox.add_fault("slow:seconds=60")
    attempt = Attempt(client, graph())
    task = asyncio.create_task(attempt.run())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert attempt.is_sending
    assert await attempt.cancel()
    assert not attempt.is_sending
    assert await client.get_queue_remaining() == 0


async def test_engine_that_is_gone_cannot_be_told(client, sandbox):
    await sandbox.stop()
    assert not await Attempt(client, graph()).cancel()
