"""A service that RunPod's clients ask, for all tests of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from comfy_gen.sandbox import SandboxOptions
from tests.api.dialects.desk import newcomer, opened_desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    import pytest

    from tests.api.conftest import Served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A service whose engine takes a moment for each step, on the loop of the module."""
    async with opened_desk(tmp_path_factory.mktemp("runpod"), SandboxOptions(step_time=0.02)) as desk:
        yield desk


@pytest_asyncio.fixture(loop_scope="module")
async def ann(desk: Served) -> httpx.AsyncClient:
    """Somebody whom the service has not met before."""
    return await newcomer(desk)
