"""A service in this process for many tests: to start one takes longest, so that each test comes as somebody else."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from comfy_gen.api.app import create_app
from comfy_gen.config import Settings
from comfy_gen.sandbox import Sandbox, SandboxOptions
from tests.api.conftest import Served, client_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import httpx

_NUMBERS = count(1)


@asynccontextmanager
async def opened_desk(folder: Path, engine: SandboxOptions | None = None) -> AsyncGenerator[Served]:
    """Open a service; nobody looks at its pictures, which takes longer than to paint them."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(engine or SandboxOptions()))
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


async def newcomer(desk: Served, *scopes: str) -> httpx.AsyncClient:
    """Return somebody whom the service has not met before."""
    return await desk.caller(f"newcomer-{next(_NUMBERS)}", *scopes)
