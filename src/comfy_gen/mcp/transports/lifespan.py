"""Starts and stops an ASGI application in this process, as a server would."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import ServiceUnreachableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from comfy_gen.mcp.transports.in_process import Application, Message


@asynccontextmanager
async def started(app: Application) -> AsyncGenerator[None]:
    """Have an application run in this block; what it raises when it starts or stops is raised here.

    Raises:
        ServiceUnreachableError: it did not start, and did not say why.
    """
    life = _Life()
    # A task of its own: what it opens at its start it may close at its end only where it opened it.
    running = asyncio.create_task(life.run(app))
    try:
        await _until(life.is_up, running)
        yield
    finally:
        life.is_over.set()
        await running


class _Life:
    """What a server says to an application beside requests, and hears from it."""

    def __init__(self) -> None:
        self.is_up = asyncio.Event()
        self.is_over = asyncio.Event()
        self._is_told = False
        self._trouble = ""

    async def run(self, app: Application) -> None:
        scope: dict[str, Any] = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        await app(scope, self._receive, self._send)
        if self._trouble or not self.is_up.is_set():
            raise ServiceUnreachableError("this process", self._trouble or "it did not start")

    async def _receive(self) -> Message:
        if not self._is_told:
            self._is_told = True
            return {"type": "lifespan.startup"}
        await self.is_over.wait()
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "lifespan.startup.complete":
            self.is_up.set()
        elif message["type"].endswith(".failed"):
            self._trouble = message.get("message", "") or "it did not start or stop"


async def _until(event: asyncio.Event, running: asyncio.Task[None]) -> None:
    """Return when something has happened; raise what the task ends with, if that comes before it."""
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if running.done():
        running.result()
