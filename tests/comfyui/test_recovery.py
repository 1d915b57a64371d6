from __future__ import annotations

import pytest

from comfy_gen.comfyui import AsyncComfyUIClient, Ending
from comfy_gen.comfyui.recovery import find_answer

DROPPED = "SaveImage (node 9): the engine left this output out: why was told to whoever sent it"


@pytest.fixture
async def client(sandbox):
    async with AsyncComfyUIClient(url=sandbox.url) as client:
        yield client


def graph(**others):
    return {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 16, "height": 16, "batch_size": 1, "color": 7}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
        **others,
    }


def bad():
    return {"9": {"class_type": "SaveImage", "inputs": {"images": ["gone", 0], "filename_prefix": "y"}}}


async def test_prompt_of_a_lost_answer_is_partial_where_the_engine_left_out_an_output(sandbox, client):
    sandbox.add_fault("lose_answer")
    outcome = await client.run_workflow(graph(**bad()), timeout=10)
    assert (outcome.ending, outcome.problems) == (Ending.PARTIAL, (DROPPED,))


async def test_prompt_of_a_lost_answer_is_whole_where_others_than_the_targets_were_left_out(sandbox, client):
    sandbox.add_fault("lose_answer")
    run = await client.submit(graph(**bad()), targets=["2"])
    assert (await run.result(10)).ending is Ending.SUCCESS


@pytest.mark.parametrize("is_over", [True, False])
async def test_answer_is_found_of_a_prompt_that_runs_and_of_one_that_ended(sandbox, client, is_over):
    sandbox.add_fault("slow:seconds=0.05")
    run = await client.submit(graph())
    if is_over:
        await run.result(10)
    answer = await find_answer(client, run.prompt_id)
    assert answer == {"prompt_id": run.prompt_id, "number": run.number, "node_errors": {}}


async def test_prompt_that_the_engine_has_not_has_no_answer(client):
    assert await find_answer(client, "unheard-of") is None


async def test_prompt_that_ends_before_its_answer_comes_is_partial_all_the_same(sandbox, client):
    sandbox.add_fault("slow_answer:seconds=0.2")
    outcome = await client.run_workflow(graph(**bad()), timeout=10)
    assert outcome.ending is Ending.PARTIAL
