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
    PromptRejectedError,
)
from comfy_gen.sandbox.faults import parse_fault
from tests.engines.conftest import HASTY_CLIENT, condition, graph, room, run, until


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
        assert len(outcome.files) == 1
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
    # It may be seen in the engine's queue a moment before the engine has told us that it is ours.
    await until(lambda: fleet.engine("a").queue == 1 and room(fleet) == 1)
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
    fleet, _ = await bench([])
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
    fleet, _ = await bench([], client_options=replace(HASTY_CLIENT, use_websocket=False))
    assert room(fleet) == 2
    assert len((await asyncio.wait_for(run(fleet), 10)).files) == 1
    assert condition(fleet) == "up"
