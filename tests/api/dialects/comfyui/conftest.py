"""One service for all tests of a module, each of whose tests comes as somebody else: to start it takes longest."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest_asyncio

from comfy_gen.api.app import create_app
from comfy_gen.config import Settings
from comfy_gen.sandbox import Sandbox, SandboxOptions
from tests.api.conftest import Served, client_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    import pytest

SERVICE = "http://127.0.0.1:8000"
"""What begins the addresses of the service's own routes."""
_NUMBERS = count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A service for the tests of a module, on the loop of that module."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(SandboxOptions(step_time=0.002)))  # endless for a minute
        usual = Settings()
        app = create_app(
            replace(
                usual,
                fleet=replace(usual.fleet, engines=f"sandbox={sandbox.url}"),
                jobs=replace(usual.jobs, data_dir=tmp_path_factory.mktemp("desk")),
                policy=replace(usual.policy, check_pictures="no"),
                quality=replace(usual.quality, model=""),
            )
        )
        await stack.enter_async_context(app.router.lifespan_context(app))
        yield Served(app, await stack.enter_async_context(client_of(app)), sandbox, stack)


@pytest_asyncio.fixture(loop_scope="module")
async def ada(desk: Served) -> httpx.AsyncClient:
    """Somebody whom the service has not met before; paths are a ComfyUI's."""
    return await newcomer(desk, "ada")


@pytest_asyncio.fixture(loop_scope="module")
async def bob(desk: Served) -> httpx.AsyncClient:
    """Somebody else."""
    return await newcomer(desk, "bob")


async def newcomer(desk: Served, name: str, *scopes: str) -> httpx.AsyncClient:
    """Return somebody with a key that nobody had before."""
    client = await desk.caller(f"{name}-{next(_NUMBERS)}", *scopes)
    client.base_url = f"{SERVICE}/comfyui/"
    return client
