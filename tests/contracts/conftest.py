"""The engines that the contract suite runs on: the sandbox always, a real ComfyUI with ``-m live``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.contracts.graphs import CHECKPOINT, EMBEDDING, LORA
from tests.contracts.job_stores import desk, store_url
from tests.contracts.peer import Peer
from tests.live.comfyui.fixtures import comfyui, fresh_comfyui, pytest_runtest_makereport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["comfyui", "desk", "fresh_comfyui", "pytest_runtest_makereport", "store_url"]

MODELS = {"checkpoints": (CHECKPOINT,), "loras": (LORA,), "embeddings": (f"{EMBEDDING}.safetensors",)}
"""What the live ComfyUI has, so that the sandbox can be asked for the same."""

STEP = 0.002
"""Slow enough for a sandbox to be interrupted, fast enough for nobody to wait."""


@pytest.fixture(params=["sandbox", pytest.param("comfyui", marks=pytest.mark.live)])
def kind(request: pytest.FixtureRequest) -> str:
    """Which engine the test runs on."""
    return request.param


@pytest.fixture
async def url(request: pytest.FixtureRequest, kind: str) -> AsyncIterator[str]:
    """The address of that engine."""
    if kind == "comfyui":
        yield request.getfixturevalue("comfyui").url
        return
    from comfy_gen.sandbox import Sandbox, SandboxOptions

    async with Sandbox(SandboxOptions(models=MODELS, step_time=STEP)) as sandbox:
        yield sandbox.url


@pytest.fixture
async def engine(url: str) -> AsyncIterator[Peer]:
    """A plain client of that engine, which has nothing queued, remembered or cached."""
    async with aiohttp.ClientSession() as session:
        peer = Peer(url, session)
        await peer.settle()
        yield peer
        await peer.post("/queue", {"clear": True})
        await peer.post("/interrupt", {})
