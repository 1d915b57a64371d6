"""Tests against a real ComfyUI: all of them are marked ``live``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comfy_gen.comfyui import AsyncComfyUIClient, ClientOptions
from tests.live.comfyui.fixtures import comfyui, fresh_comfyui, pytest_runtest_makereport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.live.comfyui.server import ComfyUI

__all__ = ["comfyui", "fresh_comfyui", "pytest_runtest_makereport"]

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("live")


@pytest.fixture
async def client(comfyui: ComfyUI) -> AsyncIterator[AsyncComfyUIClient]:
    """A client of the shared ComfyUI."""
    async with AsyncComfyUIClient(url=comfyui.url) as client:
        yield client
        await client.clear_queue()
        await client.interrupt_execution()


@pytest.fixture
async def polling_client(comfyui: ComfyUI) -> AsyncIterator[AsyncComfyUIClient]:
    """A client of the shared ComfyUI that gets no WebSocket through."""
    options = ClientOptions(use_websocket=False, poll_interval=0.05)
    async with AsyncComfyUIClient(url=comfyui.url, options=options) as client:
        yield client
