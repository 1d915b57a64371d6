"""The engines and tools that the examples run on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.live.comfyui.fixtures import IS_CI, comfyui, fresh_comfyui, pytest_runtest_makereport

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["comfyui", "fresh_comfyui", "pytest_runtest_makereport"]


@pytest.fixture
def need() -> Callable[[object, str], None]:
    """Skip the test where a tool is absent; in CI it fails, for nothing may pass there because it did not run."""

    def need(found: object, install: str) -> None:
        if not found:
            (pytest.fail if IS_CI else pytest.skip)(f"not here; install it: {install}")

    return need


@pytest.fixture
def need_commands(need: Callable[[object, str], None]) -> Callable[..., None]:
    """Skip the test where a command is absent."""

    def need_commands(*names: str) -> None:
        missing = [name for name in names if shutil.which(name) is None]
        need(not missing, f"apt-get install {' '.join({'node': 'nodejs'}.get(name, name) for name in missing)}")

    return need_commands
