from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from comfy_gen.engines.need import need_of
from comfy_gen.engines.registry import make_entry
from comfy_gen.errors import (
    EngineLostError,
    EngineUnreachableError,
    ExecutionFailedError,
    PromptRejectedError,
)
from comfy_gen.sandbox.faults import parse_fault
from tests.engines.conftest import HASTY, condition, graph, room, run, until


async def test_engine_that_died_loses_its_prompts_and_gets_others_when_it_is_back(bench):
    fleet, (sandbox, _) = await bench([parse_fault("hang")], [])
    tasks = [asyncio.create_task(run(fleet, key=str(number), workflow=graph(number))) for number in range(2)]
    await until(lambda: fleet.engine("a").queue == 2)
    await sandbox.stop()
    for task in tasks:
        with pytest.raises(EngineLostError):
            await asyncio.wait_for(task, 10)
    assert condition(fleet) == "down"
    assert [seat.name for seat in fleet.seats()] == ["b"]
    await sandbox.start()
    await until(lambda: room(fleet) == 1)
    assert condition(fleet) == "trying"
    await run(fleet)
    assert (condition(fleet), room(fleet)) == ("up", 2)


async def test_engine_that_forgot_everything_loses_its_prompts_and_its_weights(bench):
    fleet, (sandbox,) = await bench([])
    await run(fleet, weights=("checkpoints/x",))
    assert fleet.seats()[0].loaded == ("checkpoints/x",)
    sandbox.add_fault("hang")
    task = asyncio.create_task(run(fleet, weights=("checkpoints/y",), workflow=graph(2)))
    await until(lambda: fleet.engine("a").queue == 1)
    assert fleet.seats()[0].loaded == ("checkpoints/y",)
    await sandbox.restart()
    with pytest.raises(EngineLostError):
        await asyncio.wait_for(task, 10)
    await until(fleet.seats)
    assert fleet.seats()[0].loaded == ()


async def test_engine_that_had_nothing_to_do_and_began_anew_has_nothing_loaded(bench):
    fleet, (sandbox,) = await bench([])
    await run(fleet, weights=("checkpoints/x",))
    await sandbox.restart()
    await until(lambda: fleet.seats() and fleet.seats()[0].loaded == ())


async def test_broken_socket_costs_nothing(bench):
    fleet, _ = await bench([parse_fault("drop_socket"), parse_fault("slow:seconds=0.05")])
    outcome = await asyncio.wait_for(run(fleet, weights=("checkpoints/x",)), 10)
    assert len(outcome.files) == 1
    await until(lambda: fleet.engine("a").client.is_connected)
    assert fleet.engine("a").loaded == ("checkpoints/x",)


async def test_engine_that_freezes_loses_its_prompts_when_patience_ends(bench):
    fleet, (sandbox, _) = await bench([parse_fault("hang")], [])
    task = asyncio.create_task(run(fleet))
    await until(lambda: fleet.engine("a").queue == 1)
    sandbox.add_fault("slow_answer:seconds=1,route=*,times=forever")
    with pytest.raises(EngineLostError):
        await asyncio.wait_for(task, 10)
    assert condition(fleet) == "down"
    assert [seat.name for seat in fleet.seats()] == ["b"]
    assert await asyncio.wait_for(run(fleet, "b"), 10)


@pytest.mark.parametrize("fault", ["error_500", "refuse"])
async def test_engine_that_answers_with_trouble_gets_no_jobs_until_it_is_over(bench, fault):
    fleet, (sandbox,) = await bench([])
    sandbox.add_fault(f"{fault}:route=*,times=forever")
    await until(lambda: condition(fleet) == "down")
    assert fleet.seats() == []
    sandbox.faults.clear()
    await until(lambda: room(fleet) == 1)


async def test_stranger_is_no_engine(bench, page):
    fleet, _ = await bench([])
    await fleet.reconcile([make_entry(await page("<html>welcome</html>"), name="a")])
    await until(lambda: condition(fleet) == "down")
    assert "what a ComfyUI answers" in fleet.health()[0].error


async def test_engine_that_failed_a_job_rests_and_is_tried_with_one(bench):
    fleet, _ = await bench([parse_fault("gpu_error")])
    with pytest.raises(ExecutionFailedError):
        await run(fleet)
    assert (condition(fleet), fleet.seats()) == ("resting", [])
    await until(lambda: room(fleet) == 1)
    await run(fleet)
    assert room(fleet) == 2


async def test_engine_out_of_memory_frees_it_before_the_next_job(bench):
    fleet, _ = await bench([parse_fault("out_of_memory")])
    fleet.engine("a").succeed(weights=("checkpoints/x",))
    with pytest.raises(ExecutionFailedError):
        await run(fleet)
    await until(fleet.seats)
    assert fleet.seats()[0].loaded == ()


async def test_bad_request_is_not_held_against_the_engine(bench):
    fleet, _ = await bench([])
    with pytest.raises(PromptRejectedError):
        await run(fleet, workflow={"1": {"class_type": "Nothing", "inputs": {}}})
    assert (condition(fleet), room(fleet)) == ("up", 2)


async def test_failures_beside_the_prompt_are_reported(bench):
    fleet, _ = await bench([])
    fleet.report("a", EngineUnreachableError("u", "broke off", may_have_arrived=True))
    assert fleet.seats() == []
    await until(lambda: room(fleet) == 1)
    fleet.report("a", None)
    assert room(fleet) == 2
    fleet.report("unheard-of", None)


async def test_one_engine_that_hangs_does_not_slow_the_others(bench):
    fleet, (_, slow) = await bench([], [], options=replace(HASTY, ask_timeout=60, idle_every=0.01))
    slow.add_fault("slow_answer:seconds=1,route=*,times=forever")
    await until(lambda: fleet.engine("b").is_asked)
    asked = fleet.engine("a").pulse.asked_at
    await until(lambda: fleet.engine("a").pulse.asked_at > asked)
    assert fleet.engine("b").is_asked


async def test_engine_whose_websocket_does_not_get_through_is_polled(bench):
    fleet, (sandbox,) = await bench([parse_fault("error_500:route=GET /ws,times=forever")])
    assert not fleet.engine("a").client.is_connected
    assert len((await asyncio.wait_for(run(fleet), 10)).files) == 1
    assert condition(fleet) == "up"
    sandbox.faults.clear()
    await until(lambda: fleet.engine("a").client.is_connected)


async def test_engine_that_does_not_tell_what_it_has_any_more_is_thought_to_have_it_still(bench):
    fleet, (sandbox,) = await bench([], options=replace(HASTY, learn_every=0, idle_every=0.01))
    sandbox.add_fault("error_500:route=GET /object_info,times=forever")
    engine = fleet.engine("a")
    asked = engine.pulse.asked_at
    await until(lambda: engine.pulse.asked_at > asked + 0.05)
    assert (condition(fleet), fleet.can_run(need_of(graph()))) == ("up", {"a"})


async def test_engine_that_never_told_what_it_has_gets_nothing(bench):
    fleet, _ = await bench([parse_fault("error_500:route=GET /object_info,times=forever")], wait=False)
    await until(lambda: condition(fleet) == "down")
    assert fleet.seats() == []
