"""Who is asked: ComfyGen over a sandbox, and with ``-m live`` what it stands for, so that both answer alike."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from comfy_gen.sandbox import SandboxOptions
from tests.background import BackgroundSandbox
from tests.contracts.graphs import CHECKPOINT
from tests.dialects.peer import Peer
from tests.dialects.proxy import proxied
from tests.live.comfyui.fixtures import comfyui, pytest_runtest_makereport
from tests.ports import free_port
from tests.served import ServedProcess, environment_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from tests.live.comfyui.server import ComfyUI

__all__ = ["comfyui", "pytest_runtest_makereport"]

STEP = 0.01
"""Seconds of a sampling step: a hundred of them are enough to kill a client in between."""
MODELS = {"checkpoints": (CHECKPOINT,), "loras": ("tiny_lora.safetensors",), "embeddings": ("tiny_embed.safetensors",)}
"""What the live ComfyUI has, too."""
SERVE = ("comfygen", "serve", "--port", "8000")
QUICK = {
    "COMFYGEN_POLICY_CHECK_PICTURES": "no",
    "COMFYGEN_QUALITY_MODEL": "none",
    "COMFYGEN_API_RATE": "1000000/second",
}
"""Nobody looks at the pictures, which takes longer than to paint them; tests ask more often than people."""


@contextmanager
def over_a_sandbox(folder: Path, **environment: str) -> Generator[Peer]:
    """Serve for the length of the block, over a sandbox, with what else is in the environment."""
    port = free_port()
    own = {**QUICK, "COMFYGEN_DIALECTS_COMFYUI_PORT": str(port), **environment}
    options = SandboxOptions(models=MODELS, step_time=STEP, data_dir=folder / "engine")
    with (
        BackgroundSandbox(options) as engine,
        ServedProcess(folder, environment_of(engine.url, folder, **own), SERVE) as service,
    ):
        yield Peer(
            is_ours=True,
            url=service.url,
            comfyui=f"http://127.0.0.1:{port}",
            comfyui_path=f"{service.url}/comfyui",
            outputs=folder / "engine" / "output",
            artifacts=folder / "data" / "artifacts",
        )


@pytest.fixture(scope="session")
def comfygen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """A service for all clients of this process."""
    with over_a_sandbox(tmp_path_factory.mktemp("dialects")) as peer:
        yield peer


@pytest.fixture(scope="session")
def reference(comfyui: ComfyUI) -> Iterator[Peer]:
    """A real ComfyUI, and the official proxy before it."""
    with proxied(comfyui.url) as url:
        yield Peer(
            is_ours=False,
            url=url,
            comfyui=comfyui.url,
            comfyui_path=comfyui.url,
            outputs=comfyui.base / "output",
            artifacts=comfyui.base / "output",
        )


@pytest.fixture(scope="module", params=["comfygen", pytest.param("reference", marks=pytest.mark.live)])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    """Whom a module's client asks."""
    asked: Peer = request.getfixturevalue(request.param)
    yield asked
    asked.settle()
