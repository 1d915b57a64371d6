"""A ComfyUI at a port of its own, for programs that take an address and no path."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import uvicorn

from comfy_gen.api.farewell import is_stopping
from comfy_gen.api.listening import HOW, listening_as_comfyui

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from fastapi import FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send

    from comfy_gen.config import Settings


class Prefixed:
    """ASGI: has an application answer as if each path began with a prefix. All its middlewares hear of it so."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the application answer."""
        if scope["type"] in {"http", "websocket"}:
            raw = self._prefix.encode() + scope.get("raw_path", scope["path"].encode())
            scope = {**scope, "path": self._prefix + scope["path"], "raw_path": raw}
        await self.app(scope, receive, send)


class _Server(uvicorn.Server):
    """One of two on a loop: signals are the other's, and this one ends when that one is told to."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none."""
        yield

    async def on_tick(self, counter: int) -> bool:
        """Tell whether to end."""
        return await super().on_tick(counter) or is_stopping()


@asynccontextmanager
async def at_port(app: FastAPI, settings: Settings) -> AsyncGenerator[None]:
    """Serve a ComfyUI's own API at its port in this block, if it has one.

    Raises:
        PortInUseError: something else listens there.
        InvalidParameterError: the host is none of this machine, or no two processes can listen at one port here.
    """
    with listening_as_comfyui(settings, is_shared=settings.api.workers > 1) as listener:
        if listener is None:
            yield
            return
        server = _Server(uvicorn.Config(Prefixed(app, settings.dialects.comfyui_path), lifespan="off", **HOW))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving
