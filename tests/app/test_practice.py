"""The sandbox that runs within the service."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from comfy_gen.app import open_queue
from comfy_gen.app.practice import Practice, is_sandbox
from comfy_gen.config import Settings
from comfy_gen.engines.registry import make_entry
from comfy_gen.errors import DuplicateEngineError
from comfy_gen.sandbox import Sandbox


@pytest.fixture(autouse=True)
async def patience():
    async with asyncio.timeout(30):
        yield


@pytest.fixture
async def process(tmp_path):
    """Start another process of the service, as far as its sandbox goes."""
    usual = Settings()
    settings = replace(usual, jobs=replace(usual.jobs, data_dir=tmp_path))
    async with AsyncExitStack() as stack:

        async def start():
            queue = await stack.enter_async_context(open_queue(settings))
            practice = Practice(queue.store.roster, queue.signals)
            stack.push_async_callback(practice.close)
            return practice, queue.store.roster

        yield start


async def until_stopped(practice):
    while practice.url is not None:
        await asyncio.sleep(0.01)


async def test_nothing_runs_until_it_is_wanted(process):
    practice, roster = await process()
    await practice.resume()
    assert practice.url is None
    assert await roster.engines() == []


async def test_sandbox_runs_and_is_entered_once(process):
    practice, roster = await process()
    entry, is_new = await practice.begin()
    assert (is_new, entry.url) == (True, practice.url)
    assert await practice.begin() == (entry, False)
    assert await roster.engines() == [entry]
    assert await is_sandbox(entry.url)


async def test_sandbox_stops_when_it_is_struck_off(process):
    practice, roster = await process()
    entry, _ = await practice.begin()
    await roster.remove_engine("sandbox")
    await until_stopped(practice)
    await practice.settle()
    assert not await is_sandbox(entry.url)


async def test_sandbox_stops_when_another_process_strikes_it_off(process):
    practice, _ = await process()
    _, elsewhere = await process()
    await practice.begin()
    await elsewhere.remove_engine("sandbox")
    await until_stopped(practice)


async def test_sandbox_comes_back_at_another_address(process):
    practice, roster = await process()
    before, _ = await practice.begin()
    await practice.close()
    assert await roster.engines() == [before]
    again, _ = await process()
    await again.resume()
    (entry,) = await roster.engines()
    assert entry.url == again.url


async def test_sandbox_that_another_process_has_is_left_to_it(process):
    practice, _ = await process()
    entry, _ = await practice.begin()
    other, _ = await process()
    await other.resume()
    assert await other.begin() == (entry, False)
    assert other.url is None


async def test_of_processes_that_begin_together_one_has_it(process):
    processes = [await process() for _ in range(3)]
    entries = await asyncio.gather(*(practice.begin() for practice, _ in processes))
    assert len({entry.url for entry, _ in entries}) == 1
    running = [practice.url for practice, _ in processes if practice.url is not None]
    assert running == [entries[0][0].url]


async def test_engine_of_somebody_s_with_its_name_is_not_replaced(process):
    practice, roster = await process()
    async with Sandbox() as own:
        await roster.add_engine(make_entry(own.url, name="sandbox"))
        with pytest.raises(DuplicateEngineError):
            await practice.begin()
        assert practice.url is None
        await practice.resume()
        assert (await roster.engines())[0].url == own.url


async def test_nobody_and_a_stranger_are_no_sandbox():
    async with Sandbox() as sandbox:
        url = sandbox.url
        assert await is_sandbox(url)
    assert not await is_sandbox(url)
