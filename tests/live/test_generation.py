"""Pictures from a real ComfyUI, through our own client."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from comfy_gen.comfyui import Ending
from comfy_gen.comfyui.tracker import NodeStarted, Outcome, Previewed, Produced, Started, Stepped
from tests.contracts.graphs import CHECKPOINT, EMBEDDING, LORA, image_to_image, picture, text_to_image, with_lora
from tests.contracts.pictures import opened, png

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

    from comfy_gen.comfyui import AsyncComfyUIClient
    from comfy_gen.comfyui.messages import Raw
    from tests.contracts.graphs import Graph

PATIENCE = 60.0


async def paint(client: AsyncComfyUIClient, graph: Graph) -> Image.Image:
    """Run a graph and return its one picture."""
    outcome = await client.run_workflow(graph, timeout=PATIENCE)
    (file,) = outcome.files
    return opened(await client.get_file(file))


async def test_text_to_image_gives_a_picture_of_the_size(client: AsyncComfyUIClient) -> None:
    image = await paint(client, text_to_image(size=128))
    assert image.size == (128, 128)
    assert len(image.getcolors(maxcolors=1 << 24) or ()) > 100


async def test_text_to_image_tells_every_step(client: AsyncComfyUIClient) -> None:
    run = await client.submit(text_to_image(seed=11, steps=4))
    events = [event async for event in run.events()]
    steps = [(event.value, event.maximum) for event in events if isinstance(event, Stepped)]
    nodes = [event.class_type for event in events if isinstance(event, NodeStarted)]
    assert steps == [(step, 4) for step in (1, 2, 3, 4)]
    assert nodes[-3:] == ["KSampler", "VAEDecode", "SaveImage"]
    assert any(isinstance(event, Started) and event.total == 7 for event in events)
    assert [event.node_id for event in events if isinstance(event, Produced)] == ["9"]
    assert isinstance(events[-1], Outcome)
    assert events[-1].ending is Ending.SUCCESS


async def test_lora_and_embedding_change_the_picture(client: AsyncComfyUIClient) -> None:
    plain = text_to_image(seed=12)
    embedded = text_to_image(seed=12)
    embedded["6"]["inputs"]["text"] = f"a cat, embedding:{EMBEDDING}"
    pictures = [await paint(client, graph) for graph in (plain, with_lora(plain), embedded)]
    assert len({image.tobytes() for image in pictures}) == 3


async def test_image_to_image_starts_from_the_upload(client: AsyncComfyUIClient) -> None:
    dark, bright = [
        (await client.upload_image(png((shade, shade, shade), (64, 96)), name=f"shade{shade}.png"))["name"]
        for shade in (10, 250)
    ]
    from_dark = await paint(client, image_to_image(dark, denoise=0.3))
    from_bright = await paint(client, image_to_image(bright, denoise=0.3))
    assert from_dark.size == from_bright.size == (64, 96)
    assert from_dark.tobytes() != from_bright.tobytes()


async def test_previews_come_when_asked_for(client: AsyncComfyUIClient) -> None:
    run = await client.submit(text_to_image(seed=13, steps=3), previews=True)
    previews = [event async for event in run.events() if isinstance(event, Previewed)]
    assert [(preview.mime, preview.node_id) for preview in previews] == [("image/jpeg", "3")] * 3
    assert all(opened(preview.image).format == "JPEG" for preview in previews)


async def test_repeated_prompt_has_its_outputs_though_all_is_cached(client: AsyncComfyUIClient) -> None:
    graph = picture(prefix="repeated")
    first, again = [await client.run_workflow(graph, timeout=PATIENCE) for _ in range(2)]
    assert first.files == again.files
    assert len(again.files) == 1


async def test_polling_client_gets_the_same(polling_client: AsyncComfyUIClient) -> None:
    assert (await paint(polling_client, text_to_image(seed=14))).size == (64, 64)


async def test_dropped_output_makes_a_partial_success(client: AsyncComfyUIClient) -> None:
    graph = picture() | {"9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "dropped"}}}
    outcome = await client.run_workflow(graph, timeout=PATIENCE)
    assert outcome.ending is Ending.PARTIAL
    assert len(outcome.files) == 1
    assert "images" in outcome.problems[0]


async def test_targets_choose_the_outputs(client: AsyncComfyUIClient) -> None:
    graph = picture(batch=2) | {"9": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}}
    run = await client.submit(graph, targets=["9"])
    outcome = await run.result(PATIENCE)
    assert {(file.node_id, file.type) for file in outcome.files} == {("9", "temp")}
    assert len(outcome.files) == 2


async def test_prompt_of_somebody_else_is_followed(client: AsyncComfyUIClient) -> None:
    queued = await client.queue_prompt(picture())
    entry = await client.wait_for_completion(queued["prompt_id"], timeout=PATIENCE)
    assert entry["status"]["status_str"] == "success"


async def test_many_prompts_at_once_all_end(client: AsyncComfyUIClient) -> None:
    runs = [await client.submit(picture()) for _ in range(50)]
    endings = [(await run.result(PATIENCE)).ending for run in runs]
    assert endings == [Ending.SUCCESS] * 50


async def test_download_stores_the_file(client: AsyncComfyUIClient, tmp_path: Path) -> None:
    outcome = await client.run_workflow(picture(size=32), timeout=PATIENCE)
    path = await client.download(outcome.files[0], tmp_path / "picture.png")
    assert opened(path.read_bytes()).size == (32, 32)


@pytest.mark.parametrize(
    ("folder", "name"),
    [("checkpoints", CHECKPOINT), ("loras", LORA), ("embeddings", f"{EMBEDDING}.safetensors")],
)
async def test_models_are_listed(client: AsyncComfyUIClient, folder: str, name: str) -> None:
    assert name in await client.get_models(folder)


async def test_log_of_the_server_comes_to_those_who_subscribe(client: AsyncComfyUIClient) -> None:
    lines: asyncio.Queue[Raw] = asyncio.Queue()
    client.on("logs", lines.put_nowait)
    await client.subscribe_logs()
    await client.run_workflow(picture(), timeout=PATIENCE)
    async with asyncio.timeout(PATIENCE):
        told = await lines.get()
    assert all(entry.keys() == {"t", "m"} for entry in told["data"]["entries"])
