"""One service for all tests of a module: to start it takes longer than to ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from tests.mcp.serving import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from tests.mcp.serving import Served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agents(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A service, and agents that ask it. Its tests run on the loop of their module."""
    async with served(tmp_path_factory.mktemp("agents")) as found:
        yield found
