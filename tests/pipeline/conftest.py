"""A sandbox and a client of it."""

from __future__ import annotations

import pytest

from comfy_gen.comfyui import AsyncComfyUIClient
from comfy_gen.sandbox import Sandbox, SandboxOptions


@pytest.fixture
async def sandbox():
    async with Sandbox(SandboxOptions()) as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox):
    async with AsyncComfyUIClient(url=sandbox.url) as client:
        yield client
