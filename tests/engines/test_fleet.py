from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from comfy_gen.comfyui import AsyncComfyUIClient
from comfy_gen.engines.attempt import Attempt
from comfy_gen.engines.need import Need, need_of
from comfy_gen.engines.registry import make_entry
from comfy_gen.errors import (
    EngineLostError,
    EngineNotFoundError,
    EngineUnreachableError,
    ExecutionFailedError,
    PromptRejectedError,
    StuckPromptError,
)
from comfy_gen.sandbox import Sandbox
from comfy_gen.sandbox.faults import parse_fault
from tests.engines.conftest import HASTY, HASTY_CLIENT, graph, until


def condition(fleet, name="a"):
    return next(row.condition for row in fleet.health() if row.name == name)


def room(fleet, name="a"):
    return next((seat.room for seat in fleet.seats() if seat.name == name), 0)


async def run(fleet, name="a", *, key="job", weights=(), workflow=None):
    with fleet.take(name, key, weights) as lease:
        return await lease.run(Attempt(lease.client, workflow or graph(), earlier=lease.earlier))


async def test_engine_gets_a_seat_once_it_answered_and_told_what_it_has(bench):
    fleet, _ = await bench([], wait=False)
    assert (fleet.seats(), condition(fleet)) == ([], "unknown")
    await until(fleet.seats)
    (seat,) = fleet.seats()
    assert (seat.name, seat.room, seat.running) == ("a", 2, 0)
    assert condition(fleet) == "up"


async def test_lease_takes_a_place_from_when_it_is_taken_until_its_prompt_ended(bench):
    fleet, _ = await bench([])
    with fleet.take("a", "job") as lease:
        assert room(fleet) == 1
        outcome = await lease.run(Attempt(lease.client, graph()))
        assert room(fleet) == 2
        assert len(await lease.client.fetch(outcome.files[0])) > 0 if hasattr(lease.client, "fetch") else True
    assert fleet.engine("a").leases == []


async def test_engine_that_does_not_exist_cannot_be_taken(bench):
    fleet, _ = await bench([])
    with pytest.raises(EngineNotFoundError):
        fleet.take("z")


async def test_changes_are_told(bench):
    changes = []
    fleet, _ = await bench([], on_change=lambda: changes.append(1))
    before = len(changes)
    await run(fleet)
    assert len(changes) > before


async def test_other_peoples_prompts_take_places(bench):
    fleet, (sandbox,) = await bench([parse_fault("hang")])
    async with AsyncComfyUIClient(url=sandbox.url) as somebody:
        await somebody.submit(graph(7))
        await until(lambda: room(fleet) == 1)
        await somebody.submit(graph(8))
        await until(lambda: room(fleet) == 0)
        (row,) = fleet.health()
        assert (row.queue, row.running) == (2, 0)


async def test_our_own_prompts_are_not_counted_twice(bench):
    fleet, _ = await bench([parse_fault("slow:seconds=60")])
    task = asyncio.create_task(run(fleet))
    await until(lambda: fleet.engine("a").queue == 1)
    assert room(fleet) == 1
    task.cancel()
    await asyncio.wait({task})


# --- engines come and go


async def test_fleet_changes_at_run_time(bench):
    fleet, (one, two) = await bench([], [])
    fast = make_entry(two.url, name="b", tags=["fast"], weight=2, depth=5)
    await fleet.reconcile([fast])
    (seat,) = fleet.seats()
    assert (seat.name, seat.room, seat.weight, seat.tags) == ("b", 5, 2, {"fast"})
    await fleet.reconcile([fast, make_entry(one.url, name="c")])
    await until(lambda: len(fleet.seats()) == 2)
    assert fleet.names == ("b", "c")


async def test_draining_engine_gets_nothing_and_keeps_what_it_runs(bench):
    fleet, (sandbox,) = await bench([parse_fault("slow:seconds=0.05")])
    task = asyncio.create_task(run(fleet))
    await until(lambda: fleet.engine("a").queue == 1)
    await fleet.reconcile([make_entry(sandbox.url, name="a", state="draining")])
    assert fleet.seats() == []
    assert len((await task).files) == 1
    await fleet.reconcile([make_entry(sandbox.url, name="a")])
    assert room(fleet) == 2


async def test_removed_engine_finishes_what_it_has_and_is_closed_then(bench):
    fleet, _ = await bench([parse_fault("slow:seconds=0.05")])
    engine = fleet.engine("a")
    task = asyncio.create_task(run(fleet))
    await until(lambda: engine.queue == 1)
    await fleet.reconcile([])
    assert fleet.names == ()
    assert engine.client.is_connected
    assert len((await task).files) == 1
    await until(lambda: not engine.client.is_connected)


async def test_removed_engine_that_dies_loses_what_it_had(bench):
    fleet, (sandbox,) = await bench([parse_fault("hang")])
    engine = fleet.engine("a")
    task = asyncio.create_task(run(fleet))
    await until(lambda: engine.queue == 1)
    await fleet.reconcile([])
    await sandbox.stop()
    with pytest.raises(EngineLostError):
        await asyncio.wait_for(task, 10)


async def test_engine_at_another_address_is_another_engine(bench):
    fleet, (one, two) = await bench([], [])
    await fleet.reconcile([make_entry(two.url, name="a")])
    await one.stop()
    await until(lambda: room(fleet) == 2)
    assert fleet.health()[0].address == two.url


# --- engines fail


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
    sandbox.add_fault("slow_answer:seconds=60,route=*,times=forever")
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


async def test_stranger_is_no_engine(bench, aiohttp_page):
    fleet, _ = await bench([])
    await fleet.reconcile([make_entry(aiohttp_page, name="a")])
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
    slow.add_fault("slow_answer:seconds=60,route=*,times=forever")
    await until(lambda: fleet.engine("b").is_asked)
    asked = fleet.engine("a").pulse.asked_at
    await until(lambda: fleet.engine("a").pulse.asked_at > asked)
    assert fleet.engine("b").is_asked


# --- strays


async def test_prompt_that_nobody_wants_any_more_is_cancelled_before_the_engine_gets_another(bench):
    fleet, (sandbox,) = await bench([])
    sandbox.add_fault("slow:seconds=60")
    task = asyncio.create_task(run(fleet))
    await until(lambda: fleet.engine("a").queue == 1)
    sandbox.add_fault("slow_answer:seconds=60,route=*,times=forever")
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
    fleet, (sandbox,) = await bench([parse_fault("slow:seconds=60")])
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


async def test_prompt_of_an_earlier_life_can_be_disowned(bench):
    fleet, (sandbox,) = await bench([parse_fault("slow:seconds=60")])
    async with AsyncComfyUIClient(url=sandbox.url) as earlier:
        prompt_id = (await earlier.submit(graph())).prompt_id
    fleet.disown("a", prompt_id)
    fleet.disown("unheard-of", prompt_id)
    await until(lambda: fleet.engine("a").queue == 0)
    assert fleet.engine("a").strays == {}


async def test_closing_fleet_has_unwanted_prompts_dropped(bench):
    fleet, (sandbox,) = await bench([parse_fault("slow:seconds=60")], options=replace(HASTY, look_every=60))
    async with AsyncComfyUIClient(url=sandbox.url) as earlier:
        prompt_id = (await earlier.submit(graph())).prompt_id
        await until(lambda: not fleet.engine("a").is_asked)
        fleet.disown("a", prompt_id)
        await fleet.close()
        assert await earlier.get_queue_remaining() == 0


# --- what engines can run


async def test_who_can_run_what(bench):
    fleet, (one, two) = await bench([], [])
    tagged = make_entry(two.url, name="b", tags=["xl"])
    await fleet.reconcile([make_entry(one.url, name="a"), tagged])
    assert fleet.can_run(need_of(graph())) == {"a", "b"}
    assert fleet.can_run(need_of(graph(), ["xl"])) == {"b"}
    assert fleet.lacks(need_of(graph(), ["xl"])) == ()
    missing = Need(classes=("Strange",), tags=("xl",))
    assert fleet.can_run(missing) == frozenset()
    assert fleet.lacks(missing) == ("a lacks the tag xl, the node class Strange", "b lacks the node class Strange")
    await fleet.reconcile([tagged, make_entry(one.url, name="a", state="draining")])
    assert fleet.can_run(need_of(graph())) == {"b"}


async def test_nobody_lacks_anything_while_one_has_yet_to_tell(bench):
    fleet, (_, dead) = await bench([], [], wait=False)
    await dead.stop()
    await until(fleet.seats)
    assert fleet.lacks(Need(classes=("Strange",))) == ()
    await fleet.reconcile([])
    assert fleet.lacks(Need(classes=("Strange",))) == ()


async def test_engine_that_refused_for_a_lack_is_asked_what_it_has(bench):
    fleet, (sandbox,) = await bench([])
    need = need_of(graph())
    fleet.engine("a").capability = replace(fleet.engine("a").capability, classes=frozenset())
    fleet.report("a", PromptRejectedError("missing_node_type", "no such node"))
    await until(lambda: fleet.can_run(need) == {"a"})


async def test_refreshing_waits_for_the_answer(bench):
    fleet, _ = await bench([], wait=False)
    await fleet.refresh("a")
    assert fleet.seats()
    with pytest.raises(EngineNotFoundError):
        await fleet.refresh("z")


async def test_memory_is_freed_on_request(bench):
    fleet, (sandbox,) = await bench([])
    await run(fleet, weights=("checkpoints/x",))
    await fleet.free("a")
    assert fleet.seats()[0].loaded == ()
    await sandbox.stop()
    with pytest.raises(EngineUnreachableError):
        await fleet.free("a")


async def test_engine_without_websocket_is_polled(bench):
    fleet, (sandbox,) = await bench([], client_options=replace(HASTY_CLIENT, use_websocket=False))
    assert room(fleet) == 2
    assert len((await asyncio.wait_for(run(fleet), 10)).files) == 1
    assert condition(fleet) == "up"
