"""A real ComfyUI that is killed in mid-run: nothing hangs, and every prompt is found again or reported lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from comfy_gen.comfyui import AsyncComfyUIClient, ClientOptions, Ending
from comfy_gen.comfyui.tracker import Stepped
from comfy_gen.errors import EngineLostError, EngineUnreachableError
from tests.contracts.graphs import endless, picture

if TYPE_CHECKING:
    from comfy_gen.comfyui import Run
    from tests.live.comfyui.server import ComfyUI

PATIENCE = 90.0


async def sampling(client: AsyncComfyUIClient) -> Run:
    run = await client.submit(endless())
    async for event in run.events():
        if isinstance(event, Stepped):
            break
    return run


async def test_restarted_engine_has_lost_all_its_prompts_and_takes_new_ones(fresh_comfyui: ComfyUI) -> None:
    async with AsyncComfyUIClient(url=fresh_comfyui.url) as client:
        running, waiting = await sampling(client), await client.submit(picture())
        await asyncio.to_thread(fresh_comfyui.restart)
        outcomes = [await run.result(PATIENCE) for run in (running, waiting)]
        assert [outcome.ending for outcome in outcomes] == [Ending.LOST, Ending.LOST]
        with pytest.raises(EngineLostError):
            outcomes[0].raise_for_failure()
        outcome = await client.run_workflow(picture(), timeout=PATIENCE)
        assert outcome.ending is Ending.SUCCESS
        assert len(await client.get_file(outcome.files[0])) > 0


async def test_dead_engine_has_lost_its_prompts_when_it_does_not_return(fresh_comfyui: ComfyUI) -> None:
    options = ClientOptions(give_up=1.0)
    async with AsyncComfyUIClient(url=fresh_comfyui.url, options=options) as client:
        run = await sampling(client)
        fresh_comfyui.kill()
        assert (await run.result(PATIENCE)).ending is Ending.LOST
        assert await client.is_available() is False
        with pytest.raises(EngineUnreachableError):
            await client.submit(picture())


async def test_prompt_is_found_again_after_the_client_was_restarted(fresh_comfyui: ComfyUI) -> None:
    async with AsyncComfyUIClient(url=fresh_comfyui.url) as client:
        prompt_id = (await client.queue_prompt(picture()))["prompt_id"]
    async with AsyncComfyUIClient(url=fresh_comfyui.url) as client:
        outcome = await client.attach(prompt_id).result(PATIENCE)
        assert outcome.ending is Ending.SUCCESS
        assert len(outcome.files) == 1
