"""What the engines have is known with a fleet here, and without one."""

import asyncio
from dataclasses import replace

import pytest

from comfy_gen.app import open_queue
from comfy_gen.app.knowledge import Knowledge
from comfy_gen.config import Settings
from comfy_gen.engines.need import Need
from comfy_gen.engines.registry import parse_entry
from comfy_gen.errors import NoEngineError
from comfy_gen.sandbox import Sandbox, SandboxOptions

GONE = "http://127.0.0.1:9"


@pytest.fixture
async def queue(tmp_path):
    usual = Settings()
    async with (
        asyncio.timeout(30),
        open_queue(replace(usual, jobs=replace(usual.jobs, data_dir=tmp_path))) as queue,
    ):
        yield queue


@pytest.fixture
async def engine():
    async with Sandbox(SandboxOptions()) as engine:
        yield engine


async def test_engines_are_asked_where_no_fleet_looks_after_them(queue, engine):
    await queue.store.roster.add_engine(parse_entry(f"gone={GONE}"))
    await queue.store.roster.add_engine(parse_entry(f"here={engine.url}"))
    knowledge = Knowledge(queue, lambda: None)
    models = await knowledge.models(need="choose a workflow")
    assert models["checkpoints"]
    assert "KSampler" in await knowledge.object_info(need="convert")
    assert knowledge.lacks(Need(classes=("Nothing",))) == ()


async def test_answer_is_kept_for_a_while(queue, engine):
    await queue.store.roster.add_engine(parse_entry(f"here={engine.url}"))
    knowledge = Knowledge(queue, lambda: None)
    first = await knowledge.models(need="x")
    await queue.store.roster.remove_engine("here")
    assert await knowledge.models(need="x") == first


async def test_without_any_engine_it_says_what_one_is_needed_for(queue):
    knowledge = Knowledge(queue, lambda: None)
    with pytest.raises(NoEngineError, match="choose a workflow"):
        await knowledge.models(need="choose a workflow")
    with pytest.raises(NoEngineError):
        await knowledge.object_info(need="convert")
