"""Engines are told to free their memory, whichever process drives them; one that is gone holds up no other."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.app import open_queue
from comfy_gen.app.freeing import free_all
from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.config import Settings
from comfy_gen.engines.fleet import Fleet
from comfy_gen.sandbox import Sandbox
from tests.contracts.graphs import picture

if TYPE_CHECKING:
    from pathlib import Path

GONE = "http://127.0.0.1:9"


async def cached(client: AsyncComfyUIClient, graph: dict[str, Any]) -> Any:
    """Run a graph, and return the nodes of it that need not run."""
    run = await client.submit(graph)
    await run.result(10)
    return dict(run.tracker.told)["execution_cached"]["nodes"]


@pytest.mark.parametrize("is_driven_here", [True, False])
async def test_all_engines_forget_what_they_have(tmp_path: Path, is_driven_here: bool) -> None:
    usual = Settings()
    settings = replace(usual, jobs=replace(usual.jobs, data_dir=tmp_path))
    async with Sandbox() as sandbox, AsyncComfyUIClient(url=sandbox.url) as client, Fleet() as fleet:
        settings = replace(settings, fleet=replace(usual.fleet, engines=f"gone={GONE} here={sandbox.url}"))
        async with open_queue(settings) as queue:
            await fleet.reconcile(await queue.engines())
            graph = picture()
            assert await cached(client, graph) == []
            assert await cached(client, graph) == ["1", "2"]
            service: Any = SimpleNamespace(settings=settings, queue=queue, fleet=fleet if is_driven_here else None)
            await free_all(service)
            await cached(client, picture())  # an engine frees between prompts
            assert await cached(client, graph) == []
