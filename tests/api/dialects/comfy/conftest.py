"""One service for all tests of a module, each of whose tests comes as somebody else: to start it takes longest."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest_asyncio

from comfy_gen.api.app import create_app
from comfy_gen.config import Settings
from comfy_gen.sandbox import Sandbox, SandboxOptions
from tests.api.conftest import Served, client_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    import httpx
    import pytest

_NUMBERS = count(1)


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Served]:
    """Have a service over a sandbox for a block; all that it keeps is in the folder."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(SandboxOptions()))
        usual = Settings()
        app = create_app(
            replace(
                usual,
                fleet=replace(usual.fleet, engines=f"sandbox={sandbox.url}"),
                jobs=replace(usual.jobs, data_dir=folder),
                policy=replace(usual.policy, check_pictures="no"),
                quality=replace(usual.quality, model=""),
            )
        )
        await stack.enter_async_context(app.router.lifespan_context(app))
        yield Served(app, await stack.enter_async_context(client_of(app)), sandbox, stack)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A service for the tests of a module, on the loop of that module."""
    async with opened(tmp_path_factory.mktemp("desk")) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="module")
async def ada(desk: Served) -> httpx.AsyncClient:
    """Somebody whom the service has not met before."""
    return await _newcomer(desk, "ada")


@pytest_asyncio.fixture(loop_scope="module")
async def bob(desk: Served) -> httpx.AsyncClient:
    """Somebody else."""
    return await _newcomer(desk, "bob")


async def _newcomer(desk: Served, name: str) -> httpx.AsyncClient:
    owner = f"{name}-{next(_NUMBERS)}"
    client = await desk.caller(owner)
    client.headers["x-owner"] = owner  # for tests that ask the application itself in their name
    return client
