"""Records that are made while an engine is at work."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

import pytest

from comfy_gen.errors import EngineUnreachableError
from comfy_gen.jobs.request import JobRequest
from comfy_gen.jobs.work.recording import Recorder
from comfy_gen.pipeline.record import ModelFile
from tests.workflows.samples import plain

HASH = "ab" * 32
REQUEST = JobRequest(plain(seed=7), tier="general")


@dataclass
class Client:
    """Says of each file what it is told to, once it may."""

    said: Any = field(default_factory=lambda: {"modelspec.hash_sha256": HASH})
    url: str = "http://gpu-1:8188"
    may: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)

    async def get_model_metadata(self, folder, filename):
        self.asked.append(f"{folder}/{filename}")
        await self.may.wait()
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


@dataclass
class Engine:
    """What a record says of an engine."""

    client: Client = field(default_factory=Client)
    name: str = "gpu-1"
    version: str = "ComfyUI 0.3.75"


async def record(recorder, engine, request=REQUEST, *, is_slow=False):
    if not is_slow:
        engine.client.may.set()
    async with asyncio.timeout(5), recorder.recording(request, engine) as recording:
        while not is_slow and not engine.client.asked:
            await asyncio.sleep(0)
        return await recording.finished()


async def test_record_has_the_engine_and_the_hashes_of_its_files():
    made = await record(Recorder(is_tracked=True), Engine())
    assert (made.engine, made.comfyui_version, made.is_tracked) == ("gpu-1", "0.3.75", True)
    assert made.models == (ModelFile("checkpoints", "tiny_sd15.safetensors", HASH),)
    assert (made.seed, made.tier) == (7, "general")


async def test_file_is_asked_for_once():
    recorder, engine = Recorder(), Engine()
    for _ in range(3):
        assert (await record(recorder, engine)).models[0].sha256 == HASH
    assert engine.client.asked == ["checkpoints/tiny_sd15.safetensors"]


async def test_other_engine_may_have_another_file():
    recorder, other = Recorder(), Engine(Client({}, url="http://gpu-2:8188"))
    await record(recorder, Engine())
    assert (await record(recorder, other)).models[0].sha256 is None
    assert len(other.client.asked) == 1


async def test_slow_engine_delays_nothing():
    recorder, engine = Recorder(), Engine()
    made = await record(recorder, engine, is_slow=True)
    assert made.models[0].sha256 is None
    assert (await record(recorder, engine)).models[0].sha256 == HASH


async def test_engine_that_fails_is_asked_again():
    recorder, engine = Recorder(), Engine(Client(EngineUnreachableError("http://gpu-1:8188", "gone")))
    assert (await record(recorder, engine)).models[0].sha256 is None
    engine.client.said = {"modelspec.hash_sha256": HASH}
    engine.client.asked.clear()
    assert (await record(recorder, engine)).models[0].sha256 == HASH


async def test_files_that_say_nothing_of_themselves_are_not_asked_for():
    graph = plain()
    graph["41"]["inputs"]["ckpt_name"] = "old.ckpt"
    engine = Engine()
    made = await record(Recorder(), engine, JobRequest(graph), is_slow=True)
    assert (made.models[0].sha256, engine.client.asked) == (None, [])


async def test_recipe_that_cannot_be_read_costs_the_record_alone(caplog):
    request = JobRequest(plain(), recipe={"steps": "many"})
    with caplog.at_level(logging.ERROR):
        assert await record(Recorder(), Engine(), request, is_slow=True) is None
    assert "unrecorded" in caplog.text


async def test_what_is_under_way_ends_with_the_block():
    engine = Engine()
    with pytest.raises(RuntimeError, match="the prompt failed"):
        async with Recorder().recording(REQUEST, engine):
            await asyncio.sleep(0)
            raise RuntimeError("the prompt failed")
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == 1
