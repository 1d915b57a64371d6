from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from comfy_gen.supervisor.process import send, tree_of
from comfy_gen.supervisor.state import read_state
from comfy_gen.supervisor.supervisor import Supervisor
from tests.supervisor.fake_comfyui import make_comfyui

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def comfyui(tmp_path: Path) -> Path:
    """Return the folder of a fake ComfyUI."""
    return make_comfyui(tmp_path / "comfyui")


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Return a folder for instances, and end all that runs of them in the end, whatever a test did."""
    root = tmp_path / "instances"
    yield root
    for state in (read_state(folder) for folder in root.glob("*")):
        if state is not None:
            comfyui = tree_of(state.comfyui) if state.comfyui else []
            send([*tree_of(state.keeper), *comfyui], signal.SIGKILL)


@pytest.fixture
def supervisor(root: Path) -> Supervisor:
    """Return one that knows no instance yet."""
    return Supervisor(root)
