"""A service in this process with a port for a ComfyUI's clients, whose sockets need one, over a sandboxed engine."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

import aiohttp

from comfy_gen.api.app import create_app
from comfy_gen.config import Settings
from comfy_gen.sandbox import Sandbox, SandboxOptions
from tests.contracts.peer import Peer
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from fastapi import FastAPI

    from comfy_gen.app.service import Service

_NUMBERS = count(1)


@dataclass
class Stage:
    """The service, and its clients."""

    app: FastAPI
    url: str
    """What begins a ComfyUI's paths."""
    engine: Sandbox
    _stack: AsyncExitStack = field(repr=False)

    @property
    def service(self) -> Service:
        return self.app.state.service

    async def peer(self, name: str, *scopes: str) -> Peer:
        """Return a client with a key of an owner's whom the service has not met before."""
        owner, given = f"{name}-{next(_NUMBERS)}", frozenset(scopes or ("read", "generate"))
        _, text = await self.service.keys.create(owner, owner, given, now=1.0)
        return await self.client({"X-API-Key": text})

    async def client(self, headers: dict[str, str] | None = None) -> Peer:
        """Return a client that says this of itself."""
        session = await self._stack.enter_async_context(aiohttp.ClientSession(headers=headers))
        return Peer(self.url, session)


@asynccontextmanager
async def stage(folder: Path, engine: SandboxOptions | None = None, **changes: Any) -> AsyncGenerator[Stage]:
    """Run a service; changes are of its settings: ``api={"with_worker": False}``."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(engine or SandboxOptions()))
        port, usual = free_port(), Settings()
        changes = {
            "fleet": {"engines": f"sandbox={sandbox.url}"},
            "policy": {"check_pictures": "no"},
            "quality": {"model": ""},
            **changes,
            "jobs": {"data_dir": folder, **changes.get("jobs", {})},
            "dialects": {"comfyui_port": port},
        }
        app = create_app(replace(usual, **{name: replace(getattr(usual, name), **of) for name, of in changes.items()}))
        await stack.enter_async_context(app.router.lifespan_context(app))
        clients = await stack.enter_async_context(AsyncExitStack())
        yield Stage(app, f"http://127.0.0.1:{port}", sandbox, clients)
