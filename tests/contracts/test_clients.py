"""One suite for both clients, on the sandbox and, with ``-m live``, on a real ComfyUI."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from comfy_gen.comfyui import AsyncComfyUIClient, Cancellation, ComfyUIClient, Ending
from comfy_gen.comfyui.client import SyncRun
from comfy_gen.comfyui.outputs import extract_output_images
from comfy_gen.comfyui.tracker import Outcome, Stepped
from comfy_gen.errors import ExecutionFailedError, InterruptedPromptError, PromptRejectedError, WaitTimeoutError
from tests.contracts.graphs import CHECKPOINT, endless, new_colour, picture, text_to_image

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from comfy_gen.comfyui import Event, Run

PATIENCE = 60.0


class Sync:
    """The synchronous client with the asynchronous one's manners, so that one suite fits both."""

    def __init__(self, client: ComfyUIClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        return lambda *args, **kwargs: asyncio.to_thread(method, *args, **kwargs)


@pytest.fixture(params=["asynchronous", "synchronous"])
async def client(request: pytest.FixtureRequest, url: str) -> AsyncIterator[Any]:
    """Each client in turn; what it left behind is taken away."""
    if request.param == "asynchronous":
        async with AsyncComfyUIClient(url=url) as client:
            yield client
    else:
        with ComfyUIClient(url=url) as client:
            yield Sync(client)
    async with AsyncComfyUIClient(url=url) as cleaner:
        await cleaner.clear_queue()
        for item in (await cleaner.read_queue()).running:
            await cleaner.cancel(item.prompt_id)
            await cleaner.attach(item.prompt_id).result(PATIENCE)


async def events_of(run: Run | SyncRun) -> list[Event]:
    if isinstance(run, SyncRun):
        return await asyncio.to_thread(lambda: list(run.events()))
    return [event async for event in run.events()]


async def outcome_of(run: Run | SyncRun) -> Outcome:
    if isinstance(run, SyncRun):
        return await asyncio.to_thread(run.result, PATIENCE)
    return await run.result(PATIENCE)


async def test_picture_is_made_and_fetched(client: Any) -> None:
    outcome = await client.run_workflow(picture(), timeout=PATIENCE)
    with Image.open(io.BytesIO(await client.get_file(outcome.files[0]))) as image:
        assert image.size == (16, 16)


async def test_documented_methods_queue_wait_and_fetch(client: Any) -> None:
    answer = await client.queue_prompt(picture())
    history = await client.wait_for_completion(answer["prompt_id"], timeout=PATIENCE)
    (found,) = extract_output_images(history)
    content = await client.get_image(found["filename"], subfolder=found["subfolder"], folder_type=found["type"])
    assert content.startswith(b"\x89PNG")


async def test_steps_are_told(client: Any) -> None:
    events = await events_of(await client.submit(text_to_image(seed=new_colour(), steps=3)))
    assert [event.value for event in events if isinstance(event, Stepped)] == [1, 2, 3]
    assert isinstance(events[-1], Outcome)


async def test_refusal_names_everything(client: Any) -> None:
    graph = text_to_image()
    graph["3"]["inputs"] |= {"steps": 0, "sampler_name": "none"}
    with pytest.raises(PromptRejectedError) as caught:
        await client.submit(graph)
    assert len(caught.value.problems) == 2


@pytest.mark.unlike_service("what no workflow can work on is refused with the prompt")
async def test_failure_has_its_class(client: Any) -> None:
    name = (await client.upload_image(b"no picture at all", name="broken.png"))["name"]
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": name}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    answer = await client.queue_prompt(graph)
    with pytest.raises(ExecutionFailedError) as caught:
        await client.wait_for_completion(answer["prompt_id"], timeout=PATIENCE)
    assert caught.value.code == "invalid_input"


async def test_patience_ends_and_the_prompt_is_cancelled_by_its_id(client: Any) -> None:
    prompt_id = (await client.queue_prompt(endless()))["prompt_id"]
    with pytest.raises(WaitTimeoutError):
        await client.wait_for_completion(prompt_id, timeout=0.2)
    assert await client.cancel(prompt_id) in {Cancellation.INTERRUPTED, Cancellation.REMOVED}
    with pytest.raises(InterruptedPromptError):
        await client.wait_for_completion(prompt_id, timeout=PATIENCE)


async def test_waiting_prompt_is_removed(client: Any) -> None:
    running, waiting = await client.submit(endless()), await client.submit(picture())
    assert await client.cancel(waiting.prompt_id) is Cancellation.REMOVED
    assert (await outcome_of(waiting)).ending is Ending.REMOVED
    await client.cancel(running.prompt_id)
    assert (await outcome_of(running)).ending in {Ending.INTERRUPTED, Ending.REMOVED}


async def test_same_content_is_uploaded_once_and_used(client: Any) -> None:
    target = io.BytesIO()
    Image.new("RGB", (24, 24), "green").save(target, "PNG")
    first = await client.upload_unique(target.getvalue())
    assert await client.upload_unique(io.BytesIO(target.getvalue())) == first
    graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": first["name"]}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    outcome = await client.run_workflow(graph, timeout=PATIENCE)
    assert len(outcome.files) == 1


async def test_engine_says_what_it_has(client: Any) -> None:
    assert CHECKPOINT in await client.get_models("checkpoints")
    assert "KSampler" in await client.get_object_info("KSampler")
    assert await client.is_available() is True
    assert await client.identify()
    await client.free()


async def test_callbacks_are_told_and_harm_nobody(client: Any) -> None:
    loop, told = asyncio.get_running_loop(), asyncio.Event()

    def fail(_: object) -> None:
        raise ZeroDivisionError

    for callback in (fail, lambda _: loop.call_soon_threadsafe(told.set)):
        pending = client.on("executed", callback)
        if pending is not None:  # the synchronous client's, on a thread
            await pending
    await client.run_workflow(picture(), timeout=PATIENCE)
    await asyncio.wait_for(told.wait(), PATIENCE)
