"""Plans that are run on the sandbox: what is saved, what is reported, what is cancelled."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest
from PIL import Image

from comfy_gen.comfyui import AsyncComfyUIClient, ClientOptions
from comfy_gen.comfyui.tracker import Unheard, Waiting
from comfy_gen.errors import EngineUnreachableError, OutputPathError
from comfy_gen.pipeline.generate import Generation
from comfy_gen.pipeline.plan import make_plan
from comfy_gen.pipeline.postprocess import Destination
from comfy_gen.pipeline.progress import Update
from comfy_gen.pipeline.request import GenerationRequest
from comfy_gen.sandbox import Sandbox, SandboxOptions
from comfy_gen.workflows.picture import read_picture


class Recorder(list[Any]):
    """Remembers what it is told."""

    def __call__(self, update):
        self.append(update)

    @property
    def types(self):
        return [update.type for update in self if isinstance(update, Update)]


@pytest.fixture
def observed():
    return Recorder()


@pytest.fixture
async def plan(client):
    return await make_plan(
        client, GenerationRequest(prompt="a red fox", workflow="sd15", seed=5, width=64, height=64, steps=3)
    )


async def test_picture_is_saved_with_the_record_of_its_making(client, plan, tmp_path, observed):
    results = await Generation(client, plan, Destination(tmp_path), observed).run()
    (saved,) = results.saved
    assert results.is_complete
    assert saved.path == tmp_path / "a-red-fox-5.png"
    record = read_picture(saved.path)
    assert record.workflow == {**plan.workflow, **record.workflow}
    assert record.settings.seed == 5
    assert observed.types[0] == "connected"
    assert observed.types[-1] == "complete"
    assert observed[-1].files == (str(saved.path),)


async def test_all_seven_types_of_update_occur(client, plan, sandbox, tmp_path, observed):
    sandbox.add_fault("out_of_memory:nth=3")
    for _ in range(2):
        await Generation(client, plan, Destination(tmp_path), observed).run()
    other = await make_plan(client, GenerationRequest(prompt="another", workflow="sd15", seed=6, width=64, height=64))
    await Generation(client, other, Destination(tmp_path), observed).run()
    assert set(observed.types) == {"connected", "start", "progress", "node", "cached", "complete", "error"}


async def test_repeated_picture_is_the_same(client, plan, tmp_path, observed):
    (saved,) = (await Generation(client, plan, Destination(tmp_path), observed).run()).saved
    again = await make_plan(client, GenerationRequest(from_picture=str(saved.path)))
    (second,) = (await Generation(client, again, Destination(tmp_path, "again.png"), observed).run()).saved
    assert second.seed == saved.seed
    assert second.path.read_bytes() == saved.path.read_bytes()


async def test_count_makes_so_many_with_seeds_of_their_own(client, tmp_path, observed):
    plan = await make_plan(client, GenerationRequest(prompt="x", workflow="sd15", seed=5, width=64, height=64, count=3))
    results = await Generation(client, plan, Destination(tmp_path, "a.png"), observed).run()
    assert [(one.path.name, one.seed) for one in results.saved] == [("a-1.png", 5), ("a-2.png", 6), ("a-3.png", 7)]
    assert len({one.path.read_bytes() for one in results.saved}) == 3


async def test_one_that_fails_does_not_stop_the_others(client, sandbox, tmp_path, observed):
    sandbox.add_fault("out_of_memory:nth=2")
    plan = await make_plan(client, GenerationRequest(prompt="x", workflow="sd15", seed=5, width=64, height=64, count=3))
    results = await Generation(client, plan, Destination(tmp_path), observed).run()
    assert [one.seed for one in results.saved] == [5, 7]
    assert [error.code for error in results.errors] == ["out_of_memory"]
    assert not results.is_complete


async def test_damaged_file_is_not_passed_on(client, sandbox, plan, tmp_path, observed):
    sandbox.add_fault("corrupt_output")
    results = await Generation(client, plan, Destination(tmp_path), observed).run()
    assert [error.code for error in results.errors] == ["corrupt_output"]
    assert os.listdir(tmp_path) == []


async def test_outputs_that_the_engine_drops_are_told(client, plan, tmp_path, observed):
    plan.workflow["99"] = {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}
    results = await Generation(client, plan, Destination(tmp_path), observed).run()
    assert len(results.saved) == 1
    assert "SaveImage (node 99)" in results.dropped[0]
    assert not results.is_complete
    assert observed[-1].message == "Generation completed in part"


async def test_place_in_the_queue_is_told(client, tmp_path, observed):
    plan = await make_plan(client, GenerationRequest(prompt="x", workflow="sd15", width=64, height=64, count=2))
    await Generation(client, plan, Destination(tmp_path), observed).run()
    assert all(isinstance(update, Update | Waiting | Unheard) for update in observed)


async def test_unwritable_place_cancels_what_is_left(client, sandbox, tmp_path, observed):
    plan = await make_plan(client, GenerationRequest(prompt="x", workflow="sd15", width=64, height=64, count=5))
    generation = Generation(client, plan, Destination(tmp_path / "gone"), observed)
    results = await generation.run()
    assert [type(error) for error in results.errors] == [OutputPathError]
    assert generation.open == []
    assert await client.get_queue_remaining() == 0


async def test_what_was_saved_before_a_file_could_not_be_written_is_told(client, tmp_path, observed):
    (tmp_path / "a-2.png").mkdir()
    plan = await make_plan(client, GenerationRequest(prompt="x", workflow="sd15", width=64, height=64, count=3))
    place = Destination(tmp_path, "a.png")
    results = await Generation(client, plan, place, observed).run()
    assert [one.path.name for one in results.saved] == ["a-1.png", "a-2-2.png", "a-3.png"]


async def test_names_that_nobody_gave_replace_nothing(client, plan, tmp_path, observed):
    plan.workflow["99"] = {"class_type": "SaveAnimatedWEBP", "inputs": {**ANIMATED, "images": ["6", 0]}}
    (tmp_path / "a-1.png").write_bytes(b"precious")
    results = await Generation(client, plan, Destination(tmp_path, "a.png"), observed).run()
    assert sorted(one.path.name for one in results.saved) == ["a-1-2.png", "a-2.png"]
    assert (tmp_path / "a-1.png").read_bytes() == b"precious"


ANIMATED = {"filename_prefix": "x", "fps": 6.0, "lossless": True, "quality": 80, "method": "default"}


async def test_file_that_is_not_given_at_once_is_asked_for_again(client, sandbox, plan, tmp_path, observed):
    sandbox.add_fault("error_500:route=GET /view,times=2")
    assert (await Generation(client, plan, Destination(tmp_path), observed).run()).is_complete


async def test_name_that_an_upload_got_is_used(client, sandbox, tmp_path, observed, monkeypatch):
    Image.new("RGB", (64, 64)).save(tmp_path / "in.png")
    request = GenerationRequest(prompt="x", input_image=str(tmp_path / "in.png"), steps=2)
    plan = await make_plan(client, request)
    upload = client.upload_unique

    async def renamed(content, **kwargs):
        return await upload(content, subfolder="moved", **kwargs)

    monkeypatch.setattr(client, "upload_unique", renamed)
    (saved,) = (await Generation(client, plan, Destination(tmp_path), observed).run()).saved
    assert "moved/comfygen-" in str(read_picture(saved.path).workflow)


async def test_cancelling_stops_it_on_the_engine_and_leaves_no_file(tmp_path):
    started = asyncio.Event()

    def watch(update):
        if isinstance(update, Update) and update.type == "progress":
            started.set()

    async with (
        Sandbox(SandboxOptions(step_time=0.01)) as sandbox,
        AsyncComfyUIClient(url=sandbox.url) as client,
    ):
        request = GenerationRequest(prompt="x", workflow="sd15", width=64, height=64, steps=500, count=3)
        task = asyncio.create_task(
            Generation(client, await make_plan(client, request), Destination(tmp_path), watch).run()
        )
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (outcome,) = [await client.attach(key).result(10) for key in await _ended(client)]
        assert outcome.ending == "interrupted"
    assert os.listdir(tmp_path) == []


async def _ended(client):
    """Wait until nothing runs or waits any more, and return what ended."""
    queue = await client.read_queue()
    for item in queue.running:
        await client.attach(item.prompt_id).result(10)
    assert (await client.read_queue()).prompt_ids == frozenset()
    return list(await client.get_history())


async def test_engine_that_went_away_is_an_error(client, sandbox, plan, tmp_path, observed):
    await sandbox.stop()
    with pytest.raises(EngineUnreachableError):
        await Generation(client, plan, Destination(tmp_path), observed).run()


async def test_engine_that_dies_meanwhile_is_reported_as_lost(sandbox, plan, tmp_path, observed):
    sandbox.add_fault("forget:step=2")
    options = ClientOptions(reconnect_delay=0.01, silence=0.05, give_up=0.5, poll_interval=0.01)
    async with AsyncComfyUIClient(url=sandbox.url, options=options) as client:
        results = await Generation(client, plan, Destination(tmp_path), observed).run()
    assert [error.code for error in results.errors] == ["engine_lost"]
