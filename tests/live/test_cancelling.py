"""Stopping one prompt of many on a real ComfyUI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.comfyui import AsyncComfyUIClient, Cancellation, Ending
from comfy_gen.comfyui.tracker import Stepped
from tests.contracts.graphs import endless, picture

if TYPE_CHECKING:
    from comfy_gen.comfyui import Run
    from tests.live.comfyui.server import ComfyUI

PATIENCE = 60.0


async def sampling(client: AsyncComfyUIClient) -> Run:
    """Have the engine sample until it is stopped."""
    run = await client.submit(endless())
    async for event in run.events():
        if isinstance(event, Stepped):
            break
    return run


async def test_running_prompt_is_interrupted_and_the_next_runs(client: AsyncComfyUIClient) -> None:
    running = await sampling(client)
    waiting = await client.submit(picture())
    assert await client.cancel(running.prompt_id) is Cancellation.INTERRUPTED
    assert (await running.result(PATIENCE)).ending is Ending.INTERRUPTED
    assert (await waiting.result(PATIENCE)).ending is Ending.SUCCESS


async def test_waiting_prompt_is_removed_and_the_running_one_goes_on(client: AsyncComfyUIClient) -> None:
    running = await sampling(client)
    waiting = await client.submit(picture())
    assert await client.cancel(waiting.prompt_id) is Cancellation.REMOVED
    assert (await waiting.result(PATIENCE)).ending is Ending.REMOVED
    assert running.outcome is None
    assert (await client.read_queue()).position(running.prompt_id) == 0
    await client.cancel(running.prompt_id)
    await running.result(PATIENCE)


async def test_prompt_of_another_client_is_not_touched(client: AsyncComfyUIClient, comfyui: ComfyUI) -> None:
    running = await sampling(client)
    async with AsyncComfyUIClient(url=comfyui.url) as other:
        mine = await other.submit(picture())
        assert await other.cancel(mine.prompt_id) is Cancellation.REMOVED
        assert await other.cancel("nobody's") is Cancellation.UNKNOWN
    assert running.outcome is None
    await client.cancel(running.prompt_id)
    assert (await running.result(PATIENCE)).ending is Ending.INTERRUPTED


async def test_prompt_that_ended_is_left_as_it_is(client: AsyncComfyUIClient) -> None:
    outcome = await client.run_workflow(picture(), timeout=PATIENCE)
    assert await client.cancel(outcome.prompt_id) is Cancellation.ALREADY_ENDED
    assert (await client.get_history(outcome.prompt_id))[outcome.prompt_id]["status"]["status_str"] == "success"
