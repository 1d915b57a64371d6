"""The engines of the contract suite: the sandbox and our own service before it always; with ``-m live`` a real ComfyUI
and our service before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.background import BackgroundSandbox
from tests.contracts.graphs import CHECKPOINT, EMBEDDING, LORA
from tests.contracts.job_stores import desk, store_url
from tests.contracts.peer import Peer
from tests.contracts.service import ServiceEngine
from tests.live.comfyui.fixtures import comfyui, fresh_comfyui, pytest_runtest_makereport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.live.comfyui.server import ComfyUI

__all__ = ["comfyui", "desk", "fresh_comfyui", "pytest_runtest_makereport", "store_url"]

MODELS = {"checkpoints": (CHECKPOINT,), "loras": (LORA,), "embeddings": (f"{EMBEDDING}.safetensors",)}
"""What the live ComfyUI has, so that the sandbox can be asked for the same."""

OURS, LIVE = ("service", "live_service"), ("comfyui", "live_service")
STEP = 0.002
"""Slow enough for a sandbox to be interrupted, fast enough for nobody to wait."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "unlike_service(reason, *traces): our service does otherwise on purpose")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    unlike = [item for item in items if _is_unlike(item)]
    if unlike:
        config.hook.pytest_deselected(items=unlike)
        items[:] = [item for item in items if item not in unlike]


def _is_unlike(item: pytest.Item) -> bool:
    """Tell whether a test asks of our service what it does, on purpose, in another way."""
    marker, callspec = item.get_closest_marker("unlike_service"), getattr(item, "callspec", None)
    if marker is None or callspec is None or callspec.params.get("kind") not in OURS:
        return False
    _, *traces = marker.args
    return not traces or callspec.params.get("trace_name") in traces


@pytest.fixture(params=["sandbox", "service", *(pytest.param(one, marks=pytest.mark.live) for one in LIVE)])
def kind(request: pytest.FixtureRequest) -> str:
    """Which engine the test runs on."""
    return request.param


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceEngine]:
    """Our service, for the tests of a module: it takes longer to start than each of them takes."""
    from comfy_gen.sandbox import SandboxOptions

    with (
        BackgroundSandbox(SandboxOptions(models=MODELS, step_time=STEP)) as sandbox,
        ServiceEngine(sandbox.url, tmp_path_factory.mktemp("service")) as engine,
    ):
        yield engine


@pytest.fixture(scope="module")
def live_service(comfyui: ComfyUI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceEngine]:
    """Our service before a real ComfyUI."""
    with ServiceEngine(comfyui.url, tmp_path_factory.mktemp("live_service")) as engine:
        yield engine


@pytest.fixture
async def url(request: pytest.FixtureRequest, kind: str) -> AsyncIterator[str]:
    """The address of that engine."""
    if kind != "sandbox":
        yield request.getfixturevalue(kind).url
        return
    from comfy_gen.sandbox import Sandbox, SandboxOptions

    async with Sandbox(SandboxOptions(models=MODELS, step_time=STEP)) as sandbox:
        yield sandbox.url


@pytest.fixture
async def engine(url: str, kind: str) -> AsyncIterator[Peer]:
    """A plain client of that engine, which has nothing queued, remembered or cached."""
    async with aiohttp.ClientSession() as session:
        peer = Peer(url, session)
        await (peer.rest() if kind == "service" else peer.settle())
        yield peer
        await peer.post("/queue", {"clear": True})
        await peer.post("/interrupt", {})
