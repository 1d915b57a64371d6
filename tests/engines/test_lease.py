from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from comfy_gen.comfyui import AsyncComfyUIClient
from comfy_gen.engines.attempt import Attempt
from comfy_gen.engines.lease import Stray
from comfy_gen.errors import (
    EngineLostError,
    EngineResponseError,
    StuckPromptError,
)
from comfy_gen.sandbox.faults import parse_fault
from tests.engines.conftest import HASTY, condition, graph, room, run, until


async def test_prompt_that_nobody_wants_any_more_is_cancelled_before_the_engine_gets_another(bench):
    fleet, (sandbox,) = await bench([])
    sandbox.add_fault("slow:seconds=60")
    task = asyncio.create_task(run(fleet))
    await until(lambda: fleet.engine("a").queue == 1)
    sandbox.add_fault("slow_answer:seconds=1,route=*,times=forever")
    with pytest.raises(EngineLostError):
        await asyncio.wait_for(task, 10)
    assert len(fleet.engine("a").strays) == 1
    sandbox.faults.clear()
    await until(fleet.seats)
    assert fleet.engine("a").strays == {}
    async with AsyncComfyUIClient(url=sandbox.url) as client:
        await until(lambda: fleet.engine("a").queue == 0)
        assert await client.get_queue_remaining() == 0


async def test_prompt_whose_job_still_waits_is_taken_up_again(bench):
    fleet, (sandbox,) = await bench([], is_wanted=lambda key: key == "job")
    sandbox.add_fault("slow:seconds=0.2")
    task = asyncio.create_task(run(fleet))
    await until(lambda: fleet.engine("a").queue == 1)
    sandbox.add_fault("error_500:route=*,times=forever")
    fleet.engine("a").leases[0].call_off(EngineLostError("u", "p", "out of reach"))
    with pytest.raises(EngineLostError):
        await task
    sandbox.faults.clear()
    await until(fleet.seats)
    assert len((await asyncio.wait_for(run(fleet), 10)).files) == 1
    assert sandbox.prompts_received == 1
    assert fleet.engine("a").strays == {}


async def test_prompt_that_is_stuck_is_stopped(bench):
    fleet, _ = await bench([parse_fault("slow:seconds=60")])
    with fleet.take("a", "job") as lease:
        task = asyncio.create_task(lease.run(Attempt(lease.client, graph())))
        await until(lambda: fleet.engine("a").queue == 1)
        lease.call_off(StuckPromptError(lease.attempt.prompt_id, "a", 60))
        with pytest.raises(StuckPromptError):
            await task
    await until(lambda: room(fleet) == 1)
    assert fleet.engine("a").queue == 0


async def test_job_that_is_cancelled_is_taken_back(bench):
    fleet, _ = await bench([parse_fault("slow:seconds=60")])
    with fleet.take("a", "job") as lease:
        assert await lease.cancel()
        task = asyncio.create_task(lease.run(Attempt(lease.client, graph())))
        await until(lambda: fleet.engine("a").queue == 1)
        task.cancel()
        await asyncio.wait({task})
        assert await lease.cancel()
    await until(lambda: fleet.engine("a").queue == 0)
    assert (condition(fleet), fleet.engine("a").strays) == ("up", {})


async def test_job_that_cannot_be_taken_back_is_dropped_when_the_engine_answers(bench):
    fleet, (sandbox,) = await bench([parse_fault("slow:seconds=60")])
    with fleet.take("a", "job") as lease:
        task = asyncio.create_task(lease.run(Attempt(lease.client, graph())))
        await until(lambda: fleet.engine("a").queue == 1)
        task.cancel()
        await asyncio.wait({task})
        sandbox.add_fault("error_500:route=*,times=forever")
        assert not await lease.cancel()
        assert room(fleet) == 0
    sandbox.faults.clear()
    await until(lambda: not fleet.engine("a").strays)
    await until(lambda: fleet.engine("a").queue == 0)


async def test_closing_fleet_has_unwanted_prompts_dropped(bench):
    fleet, (sandbox,) = await bench([parse_fault("slow:seconds=60")], options=replace(HASTY, look_every=60))
    async with AsyncComfyUIClient(url=sandbox.url) as earlier:
        prompt_id = (await earlier.submit(graph())).prompt_id
        await until(lambda: not fleet.engine("a").is_asked)
        fleet.engine("a").add_stray(Stray(prompt_id))
        await fleet.close()
        assert await earlier.get_queue_remaining() == 0


async def test_prompt_that_could_not_be_looked_for_is_remembered(bench):
    fleet, (sandbox,) = await bench([], is_wanted=lambda key: key == "job")
    sandbox.add_fault("slow:seconds=0.05")
    async with AsyncComfyUIClient(url=sandbox.url) as earlier:
        prompt_id = (await earlier.submit(graph())).prompt_id
    sandbox.add_fault("error_500:route=GET /queue,times=forever")
    with fleet.take("a", "job") as lease, pytest.raises(EngineResponseError):
        await lease.run(Attempt(lease.client, graph(), earlier=[prompt_id]))
    sandbox.faults.clear()
    await until(fleet.seats)
    with fleet.take("a", "job") as lease:
        assert prompt_id in lease.earlier
    assert len((await asyncio.wait_for(run(fleet), 10)).files) == 1
    assert sandbox.prompts_received == 1


async def test_cancelling_a_lease_that_has_nothing_is_no_trouble(bench):
    fleet, _ = await bench([])
    with fleet.take("a") as lease:
        assert await lease.cancel()
        lease.call_off(EngineLostError("u", "p", "gone"))
        lease.close()
