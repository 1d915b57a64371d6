"""One service for all tests of a module, each of whose tests comes as somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from tests.api.dialects.desk import newcomer, opened_desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    import pytest

    from tests.api.conftest import Served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A service for the tests of a module, on the loop of that module."""
    async with opened_desk(tmp_path_factory.mktemp("desk")) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="module")
async def ada(desk: Served) -> httpx.AsyncClient:
    """Somebody whom the service has not met before."""
    return await newcomer(desk)


@pytest_asyncio.fixture(loop_scope="module")
async def bob(desk: Served) -> httpx.AsyncClient:
    """Somebody else."""
    return await newcomer(desk)
