"""A sandbox of its own for each test, and a plain client of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from comfy_gen.sandbox import Sandbox
from tests.contracts.peer import Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as engine:
        yield engine


@pytest.fixture
async def peer(sandbox: Sandbox) -> AsyncIterator[Peer]:
    async with aiohttp.ClientSession() as session:
        yield Peer(sandbox.url, session)
