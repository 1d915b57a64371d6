"""Which engine loads what ahead of jobs, and when it does not."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack

import pytest

from comfy_gen.engines.fleet import Fleet
from comfy_gen.engines.registry import make_entry
from comfy_gen.jobs.work.preloading import MOST_LOSSES, Preloading
from comfy_gen.sandbox import Sandbox, SandboxOptions
from tests.engines.conftest import HASTY, HASTY_CLIENT, until

MODELS = {"checkpoints": ("one.safetensors", "two.safetensors"), "vae": ("decoder.safetensors",)}
ONE, TWO = "checkpoints/one.safetensors", "checkpoints/two.safetensors"


class Surroundings:
    """A fleet of one engine, and what has it load models."""

    def __init__(self, fleet, sandbox, preloading, awaited):
        self.fleet = fleet
        self.sandbox = sandbox
        self.preloading = preloading
        self.awaited = awaited

    @property
    def engine(self):
        return self.fleet.engine("a")


@pytest.fixture
async def around():
    """Start an engine, "a", that is to load these."""
    async with AsyncExitStack() as stack:

        async def start(wanted, *faults):
            sandbox = await stack.enter_async_context(Sandbox(SandboxOptions(models=MODELS, faults=faults)))
            fleet = await stack.enter_async_context(Fleet(HASTY, HASTY_CLIENT))
            await fleet.reconcile([make_entry(sandbox.url, name="a")])
            await until(fleet.seats)
            awaited = set()
            preloading = Preloading(fleet, wanted, is_awaited=awaited.__contains__)
            return Surroundings(fleet, sandbox, preloading, awaited)

        yield start


async def test_engine_loads_its_own_models_and_every_engines(around):
    here = await around({"a": ("one",), "*": ("two", "one"), "b": ("decoder",)})
    assert here.preloading.due() == ["a"]
    await here.preloading.load("a")
    assert here.sandbox.prompts_received == 2
    assert here.engine.loaded == (TWO,)
    assert here.preloading.due() == []


async def test_engine_of_which_nothing_is_wanted_is_left_alone(around):
    here = await around({"b": ("one",)})
    assert here.preloading.due() == []


async def test_scheduler_knows_what_is_being_loaded(around):
    here = await around({"*": ("one",)})
    task = asyncio.create_task(here.preloading.load("a"))
    await until(lambda: here.engine.seated)
    assert here.engine.loaded == (ONE,)
    await task
    assert here.engine.seated == 0


async def test_engine_for_which_a_job_waits_is_left_alone(around):
    here = await around({"*": ("one",)})
    here.awaited.add("a")
    assert here.preloading.due() == []
    here.awaited.clear()
    assert here.preloading.due() == ["a"]


async def test_job_that_comes_meanwhile_goes_before_the_next_model(around):
    here = await around({"*": ("one", "two")})
    task = asyncio.create_task(here.preloading.load("a"))
    await until(lambda: here.engine.seated)
    here.awaited.add("a")
    await task
    assert here.sandbox.prompts_received == 1
    here.awaited.clear()
    assert here.preloading.due() == []


async def test_engine_at_work_is_left_alone(around):
    here = await around({"*": ("one",)})
    with here.fleet.take("a", "job"):
        assert here.preloading.due() == []
    assert here.preloading.due() == ["a"]


async def test_what_a_job_loaded_is_not_taken_away(around):
    here = await around({"*": ("one",)})
    here.engine.succeed("a-prompt", (TWO,))
    assert here.preloading.due() == []


async def test_engine_that_was_freed_on_purpose_stays_so(around):
    here = await around({"*": ("one",)})
    await here.preloading.load("a")
    await here.fleet.free("a")
    assert here.engine.loaded == ()
    assert here.preloading.due() == []


async def test_engine_that_has_begun_anew_loads_again(around):
    here = await around({"*": ("one",)})
    await here.preloading.load("a")
    assert here.preloading.due() == []
    await here.sandbox.restart()
    await until(lambda: here.preloading.due() == ["a"])


async def test_engine_that_was_only_out_of_reach_keeps_what_it_has(around):
    here = await around({"*": ("one",)})
    await here.preloading.load("a")
    here.engine.pulse.silent_since = 1.0
    here.engine.health = here.engine.health.struck(0.0, is_gone=True, first=0.0, longest=0.0)
    assert here.preloading.due() == []
    await until(lambda: here.engine.is_up)
    assert here.preloading.due() == []


async def test_model_that_is_not_there_is_logged_and_the_others_are_loaded(around, caplog):
    here = await around({"*": ("three", "one")})
    with caplog.at_level(logging.INFO, logger="comfy_gen"):
        await here.preloading.load("a")
    assert "a did not load three ahead of jobs" in caplog.text
    assert f"a has loaded {ONE} ahead of jobs" in caplog.text
    assert here.preloading.due() == []


async def test_engine_that_ends_while_it_loads_is_given_up_after_some_times(around):
    here = await around({"*": ("one",)})
    await here.sandbox.stop()
    for _ in range(MOST_LOSSES):
        await here.preloading.load("a")
        assert "a" not in here.preloading._settled
    await here.preloading.load("a")
    assert "a" in here.preloading._settled


async def test_bug_in_it_does_not_stop_the_worker(around, caplog):
    here = await around({"*": ("one",)})

    async def burst(_):
        raise ZeroDivisionError

    here.preloading.load = burst
    await here.preloading._load_all("a")
    assert "met a bug" in caplog.text
    assert here.preloading.due() == []


async def test_it_looks_again_and_again(around):
    here = await around({"*": ("one",)})
    looks = asyncio.Queue()

    async def sleep(_):
        await looks.get()

    here.preloading._sleep = sleep
    task = asyncio.create_task(here.preloading.run())
    looks.put_nowait(None)
    await until(lambda: here.engine.loaded == (ONE,) and not here.engine.seated)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert here.sandbox.prompts_received == 1
