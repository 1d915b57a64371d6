"""What the engines have is known with a fleet here, and without one."""

import asyncio
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from comfy_gen.app import knowledge as module
from comfy_gen.app import open_queue
from comfy_gen.app.knowledge import BRIEF, FRESH, Knowledge
from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.config import Settings
from comfy_gen.engines.capability import Capability
from comfy_gen.engines.need import Need
from comfy_gen.engines.registry import parse_entry
from comfy_gen.errors import NoEngineError
from comfy_gen.sandbox import Sandbox, SandboxOptions

GONE = "http://127.0.0.1:9"


@dataclass
class Fleet:
    """Engines of this process's worker, by name: what is known of each, how it is, and how it is talked to."""

    capabilities: dict[str, Capability | None] = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)
    client: Any = None

    @property
    def names(self):
        return list(self.capabilities)

    def engine(self, name):
        return SimpleNamespace(capability=self.capabilities[name], client=self.client)

    def health(self):
        return [SimpleNamespace(name=name, condition=condition) for name, condition in self.conditions.items()]

    def lacks(self, need):
        return ("a lacks everything",)


@dataclass
class Clock:
    now: float = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def asked(monkeypatch):
    """The addresses of the engines that were asked what they have, once for each time."""
    asked = []
    learn = module.learn

    async def noting(client):
        asked.append(client.url)
        return await learn(client)

    monkeypatch.setattr(module, "learn", noting)
    return asked


def settings(folder, engines=""):
    usual = Settings()
    return replace(
        usual,
        comfyui=replace(usual.comfyui, url=GONE),
        jobs=replace(usual.jobs, data_dir=folder),
        fleet=replace(usual.fleet, engines=engines),
    )


@pytest.fixture
async def queue(tmp_path):
    async with asyncio.timeout(30), open_queue(settings(tmp_path)) as queue:
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


async def test_engines_of_the_settings_are_asked_before_they_are_entered(tmp_path, engine):
    async with asyncio.timeout(30), open_queue(settings(tmp_path, f"a={engine.url}")) as queue:
        knowledge = Knowledge(queue, lambda: None)
        assert (await knowledge.models(need="x"))["checkpoints"]
        assert "KSampler" in await knowledge.object_info(need="convert")
        assert await knowledge.count() == 1
        assert await queue.store.roster.engines() == []


async def test_silent_engine_is_not_asked_again_at_once(queue, clock, asked):
    knowledge = Knowledge(queue, lambda: None)
    assert await knowledge.count() == 0
    clock.now += BRIEF * 0.9
    with pytest.raises(NoEngineError):
        await knowledge.models(need="x")
    assert len(asked) == 1
    clock.now += BRIEF * 0.2
    assert await knowledge.count() == 0
    assert len(asked) == 2


async def test_engine_that_was_started_meanwhile_is_found(queue, clock, engine):
    knowledge = Knowledge(queue, lambda: None)
    assert await knowledge.count() == 0
    await queue.store.roster.add_engine(parse_entry(f"here={engine.url}"))
    clock.now += BRIEF
    assert (await knowledge.models(need="x"))["checkpoints"]


async def test_engine_that_answered_is_asked_again_after_a_minute(queue, clock, asked, engine):
    await queue.store.roster.add_engine(parse_entry(f"here={engine.url}"))
    knowledge = Knowledge(queue, lambda: None)
    first = await knowledge.models(need="x")
    clock.now += FRESH * 0.9
    assert await knowledge.models(need="x") is first
    assert len(asked) == 1
    clock.now += FRESH * 0.2
    assert await knowledge.models(need="x") == first
    assert len(asked) == 2


async def test_what_nodes_are_is_asked_again_after_a_minute(queue, clock, engine):
    await queue.store.roster.add_engine(parse_entry(f"here={engine.url}"))
    knowledge = Knowledge(queue, lambda: None)
    first = await knowledge.object_info(need="x")
    assert await knowledge.object_info(need="x") is first
    async with AsyncComfyUIClient(url=engine.url) as client:
        await client.upload_image(b"new", name="new.png")
    clock.now += FRESH * 0.9
    assert await knowledge.object_info(need="x") is first
    clock.now += FRESH * 0.2
    again = await knowledge.object_info(need="x")
    assert "new.png" in again["LoadImage"]["input"]["required"]["image"][0]
    clock.now += FRESH
    assert await knowledge.object_info(need="x") is again


# --- with a fleet


async def test_models_of_all_engines_are_put_together_once(queue):
    fleet = Fleet(
        {
            "a": Capability(models={"checkpoints": frozenset({"b", "a"})}),
            "b": Capability(models={"checkpoints": frozenset({"b", "c"}), "loras": frozenset({"ink"})}),
            "new": None,
        }
    )
    knowledge = Knowledge(queue, lambda: fleet)
    models = await knowledge.models(need="x")
    assert models == {"checkpoints": ["a", "b", "c"], "loras": ["ink"]}
    assert await knowledge.models(need="x") is models


@pytest.mark.parametrize("change", [{"a": Capability(models={"loras": frozenset({"ink"})})}, {"b": Capability()}])
async def test_models_are_put_together_again_once_an_engine_has_others(queue, change):
    fleet = Fleet({"a": Capability(models={"loras": frozenset({"ink"})})})
    knowledge = Knowledge(queue, lambda: fleet)
    models = await knowledge.models(need="x")
    fleet.capabilities |= change
    again = await knowledge.models(need="x")
    assert again is not models
    assert again == {"loras": ["ink"]}


async def test_what_each_engine_has_is_known_by_its_name(queue):
    ours = Capability(models={"loras": frozenset({"ink"})})
    knowledge = Knowledge(queue, lambda: Fleet({"a": ours, "new": None}))
    assert await knowledge.capabilities(need="x") == {"a": ours}


async def test_engine_is_asked_by_name_what_its_nodes_are(queue, engine):
    await queue.store.roster.add_engine(parse_entry(f"gone={GONE}"))
    await queue.store.roster.add_engine(parse_entry(f"here={engine.url}"))
    knowledge = Knowledge(queue, lambda: None)
    assert [*await knowledge.capabilities(need="x")] == ["here"]
    name, info = await knowledge.declared(["nobody", "gone", "here"], need="x")
    assert (name, "KSampler" in info) == ("here", True)
    with pytest.raises(NoEngineError):
        await knowledge.declared(["gone"], need="x")


async def test_fleet_that_knows_nothing_yet_leaves_it_to_the_engines(queue, asked, engine):
    await queue.store.roster.add_engine(parse_entry(f"here={engine.url}"))
    async with AsyncComfyUIClient(url=engine.url) as client:
        knowledge = Knowledge(queue, lambda: Fleet({"here": None}, {"here": "trying"}, client))
        assert (await knowledge.models(need="x"))["checkpoints"]
        assert "KSampler" in await knowledge.object_info(need="x")
    assert asked == [engine.url]


async def test_engine_that_is_down_is_not_asked(queue, asked):
    await queue.store.roster.add_engine(parse_entry(f"gone={GONE}"))
    knowledge = Knowledge(queue, lambda: Fleet({}, {"gone": "down"}))
    with pytest.raises(NoEngineError):
        await knowledge.models(need="x")
    with pytest.raises(NoEngineError):
        await knowledge.object_info(need="x")
    assert asked == []


async def test_fleet_says_how_many_engines_answer_and_what_they_lack(queue):
    knowledge = Knowledge(queue, lambda: Fleet({}, {"a": "up", "b": "trying", "c": "down"}))
    assert await knowledge.count() == 2
    assert knowledge.lacks(Need(classes=("Nothing",))) == ("a lacks everything",)


async def test_what_all_engines_declare_is_put_together_once(queue, engine, clock):
    async with Sandbox(SandboxOptions(models={"checkpoints": ["other.safetensors"]})) as other:
        for name, one in (("here", engine), ("there", other)):
            await queue.store.roster.add_engine(parse_entry(f"{name}={one.url}"))
        knowledge = Knowledge(queue, lambda: None)
        info = await knowledge.merged_object_info(need="x")
        checkpoints = info["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"][0]
        assert {"other.safetensors", "v1-5-pruned-emaonly-fp16.safetensors"} < {*checkpoints}
        clock.now += FRESH
        assert await knowledge.merged_object_info(need="x") is info
    clock.now += FRESH
    assert await knowledge.merged_object_info(need="x") is info  # jobs wait for it to come back
    await queue.store.roster.remove_engine("there")
    fewer = await knowledge.merged_object_info(need="x")
    assert "other.safetensors" not in fewer["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"][0]
    assert [*await knowledge.declarations()] == ["here"]


async def test_without_an_engine_there_is_nothing_to_put_together(queue):
    with pytest.raises(NoEngineError):
        await Knowledge(queue, lambda: None).merged_object_info(need="x")


async def test_engines_that_answer_tell_what_they_are_asked(queue, engine):
    for name, url in (("gone", GONE), ("here", engine.url)):
        await queue.store.roster.add_engine(parse_entry(f"{name}={url}"))
    told = await Knowledge(queue, lambda: None).told(lambda client: client.get_embeddings())
    assert told == {"here": ["easynegative"]}
