"""Sandboxes on the test's own loop."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import pytest

from comfy_gen.batch.dispatch import QueueOptions
from comfy_gen.batch.queue import AsyncQueueManager
from comfy_gen.comfyui import AsyncComfyUIClient
from comfy_gen.sandbox import Sandbox, SandboxOptions

QUICK = QueueOptions(retry_delay=0.01, rest=0.01, patience=5, look_every=0.02, grace=0.05)


def graph(color=1) -> Any:
    return {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": color}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }


@pytest.fixture
async def bench():
    """Start as many engines as there are lists of faults, and return them with a queue over all."""
    async with AsyncExitStack() as stack:

        async def start(*faults, **given):
            options = [SandboxOptions(faults=tuple(some)) for some in faults]
            engines = [await stack.enter_async_context(Sandbox(one)) for one in options]
            clients = [await stack.enter_async_context(AsyncComfyUIClient(url=one.url)) for one in engines]
            queue = await stack.enter_async_context(AsyncQueueManager(clients, **{"options": QUICK, **given}))
            return queue, engines

        yield start


async def finish(queue):
    queue.start()
    assert await queue.wait_for_completion(20)
    await queue.stop()
