from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from PIL import Image, ImageChops, ImageStat

from comfy_gen.sandbox import Sandbox, SandboxOptions
from tests.contracts.peer import Peer, node
from tests.sandbox.graphs import CHECKPOINT, painted, plain

if TYPE_CHECKING:
    from pathlib import Path


def messages_of(messages: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [message["data"] for message in messages if message.get("type") == kind]


async def run(peer: Peer, graph: dict[str, Any]) -> list[dict[str, Any]]:
    async with peer.listen() as line:
        return await line.until_done(await peer.submit(graph, line))


async def picture(peer: Peer, graph: dict[str, Any]) -> Image.Image:
    entry = await peer.run(graph)
    assert entry["status"]["completed"], entry["status"]["messages"][-1]
    file = next(iter(entry["outputs"].values()))["images"][0]
    return Image.open(io.BytesIO((await peer.get("/view", params=file)).body))


async def test_picture_says_that_it_is_painted_and_how(peer: Peer):
    graph = painted()
    async with peer.listen() as line:
        workflow = {"extra_pnginfo": {"workflow": {"id": "mine"}}}
        await line.until_done(await peer.submit(graph, line, extra_data=workflow))
    made = Image.open(io.BytesIO((await peer.get("/view?filename=painted_00001_.png")).body))
    assert json.loads(made.info["prompt"]) == graph
    assert json.loads(made.info["workflow"]) == {"id": "mine"}
    assert "no diffusion model" in made.info["comfygen_sandbox"]


async def test_same_request_paints_the_same_picture_on_any_sandbox(peer: Peer):
    first = await picture(peer, painted())
    async with Sandbox() as other, aiohttp.ClientSession() as session:
        second = await picture(Peer(other.url, session), painted())
    assert first.tobytes() == second.tobytes()


async def test_lora_changes_the_picture(peer: Peer):
    graph = painted(model=["10", 0])
    graph["10"] = node(
        "LoraLoader", model=["4", 0], clip=["4", 1], lora_name="detail.safetensors", strength_model=1, strength_clip=1
    )
    with_lora, without = await picture(peer, graph), await picture(peer, painted())
    assert with_lora.tobytes() != without.tobytes()


async def upload(peer: Peer, name: str, colour: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(buffer, "png")
    await peer.upload(name, buffer.getvalue(), overwrite="true")


@pytest.mark.parametrize(("denoise", "nearness"), [(0.1, 30), (0.3, 60)])
async def test_image_to_image_keeps_more_of_the_input_with_less_denoise(peer: Peer, denoise: float, nearness: int):
    await upload(peer, "in.png", "red")
    graph = painted(denoise=denoise)
    graph["5"] = node("VAEEncode", pixels=["20", 0], vae=["4", 2])
    graph["20"] = node("LoadImage", image="in.png")
    made = await picture(peer, graph)
    apart = ImageChops.difference(made.convert("RGB"), Image.new("RGB", (64, 64), "red"))
    assert 0 < max(ImageStat.Stat(apart).mean) < nearness


async def test_file_of_the_same_name_and_other_content_runs_again(peer: Peer):
    graph = {"1": node("LoadImage", image="in.png"), "2": node("PreviewImage", images=["1", 0])}
    await upload(peer, "in.png", "red")
    await run(peer, graph)
    assert messages_of(await run(peer, graph), "execution_cached")[0]["nodes"] == ["1", "2"]
    await upload(peer, "in.png", "blue")
    assert messages_of(await run(peer, graph), "execution_cached")[0]["nodes"] == []
    assert (await picture(peer, graph)).getpixel((0, 0)) == (0, 0, 255)


async def test_cache_keeps_only_what_the_newest_prompt_has(peer: Peer):
    """ComfyUI behaviour: A, B, A runs A twice."""
    cached = [messages_of(await run(peer, plain(color)), "execution_cached")[0]["nodes"] for color in (1, 2, 1, 1)]
    assert cached == [[], [], [], ["1", "2"]]


async def test_results_before_an_error_stay_cached(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("out_of_memory:step=2")
    await run(peer, painted())
    again = await run(peer, painted())
    assert messages_of(again, "execution_cached")[0]["nodes"] == ["4", "5", "6", "7"]


async def test_nodes_alike_run_once(peer: Peer):
    same = {"width": 16, "height": 16, "batch_size": 1, "color": 3}
    graph = {
        "1": node("EmptyImage", **same),
        "2": node("EmptyImage", **same),
        "3": node("ImageBatch", image1=["1", 0], image2=["2", 0]),
        "4": node("PreviewImage", images=["3", 0]),
    }
    executing = [data["node"] for data in messages_of(await run(peer, graph), "executing")]
    assert executing == ["2", "3", "4", None]


async def test_big_pictures_are_worked_on_in_threads(peer: Peer):
    graph = plain(width=512, height=512)
    graph["3"] = node("ImageInvert", image=["1", 0])
    graph["2"] = node("SaveImage", images=["3", 0], filename_prefix="big")
    assert (await picture(peer, graph)).size == (512, 512)


async def test_models_load_once_until_they_are_freed():
    async with Sandbox(SandboxOptions(load_time=0.001)) as engine, aiohttp.ClientSession() as session:
        peer = Peer(engine.url, session)

        async def free_memory() -> int:
            return (await peer.get("/system_stats")).json()["devices"][0]["vram_free"]

        before = await free_memory()
        await run(peer, painted())
        assert await free_memory() < before
        await peer.post("/free", {"unload_models": True})
        await run(peer, plain())
        assert await free_memory() == before


async def test_previews_can_be_off():
    async with Sandbox(SandboxOptions(previews=False)) as engine, aiohttp.ClientSession() as session:
        messages = await run(Peer(engine.url, session), painted())
    assert [message for message in messages if "event" in message] == []


async def test_history_may_come_late():
    """As on a real server, where ``execution_success`` often comes first."""
    async with Sandbox(SandboxOptions(history_delay=3600)) as engine, aiohttp.ClientSession() as session:
        peer = Peer(engine.url, session)
        async with peer.listen() as line:
            prompt_id = await peer.submit(plain(), line)
            await line.until_type("execution_success")
            assert (await peer.get(f"/history/{prompt_id}")).json() == {}
            assert (await peer.get("/queue")).json()["queue_running"][0][1] == prompt_id


async def test_long_step_is_interrupted_at_once():
    async with Sandbox(SandboxOptions(step_time=3600)) as engine, aiohttp.ClientSession() as session:
        peer = Peer(engine.url, session)
        async with peer.listen() as line:
            prompt_id = await peer.submit(painted(), line)
            await line.until_type("executing", node="3")
            await peer.post("/interrupt", {"prompt_id": prompt_id})
            kinds = [message.get("type") for message in await line.until_done(prompt_id)]
    assert "execution_interrupted" in kinds


async def test_every_shipped_template_runs(peer: Peer, sandbox: Sandbox):
    from comfy_gen.workflows.catalogue import load_template, template_names

    for name in ("input.png", "mask.png", "example.png"):
        await upload(peer, name, "green")
    for name in template_names():
        graph = _small(load_template(name).workflow)
        for graph_node in graph.values():
            if graph_node["class_type"].startswith("LoadImage"):
                graph_node["inputs"]["image"] = "input.png"
        entry = await peer.run(graph)
        assert entry["status"]["completed"], (name, entry["status"]["messages"][-1])
        assert entry["outputs"], name
    assert sandbox.prompts_executed == len(template_names())


def _small(workflow: dict[str, Any]) -> dict[str, Any]:
    copied: dict[str, Any] = json.loads(json.dumps(workflow))
    sizes = {"width": 64, "height": 64, "steps": 2, "length": 5, "end_at_step": 2, "start_at_step": 0}
    for graph_node in copied.values():
        for name, value in graph_node["inputs"].items():
            if name in sizes and isinstance(value, int):
                graph_node["inputs"][name] = sizes[name]
    return copied


async def test_model_of_another_family_fails_in_the_decoder(peer: Peer):
    graph = {
        "4": node("CheckpointLoaderSimple", ckpt_name=CHECKPOINT),
        "5": node("EmptySD3LatentImage", width=64, height=64, batch_size=1),
        "8": node("VAEDecode", samples=["5", 0], vae=["4", 2]),
        "9": node("SaveImage", images=["8", 0], filename_prefix="x"),
    }
    entry = await peer.run(graph)
    assert entry["status"]["messages"][-1][1]["exception_type"] == "RuntimeError"


async def test_saved_file_is_where_the_history_says(peer: Peer, sandbox: Sandbox):
    graph = plain()
    graph["2"] = node("SaveImage", images=["1", 0], filename_prefix="sub/deep")
    entry = await peer.run(graph)
    file = entry["outputs"]["2"]["images"][0]
    path: Path = sandbox.files.folder("output") / file["subfolder"] / file["filename"]
    assert path.is_file()
