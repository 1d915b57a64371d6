"""Our service as an engine of the contract suite: its ComfyUI dialect at a port of its own, before a sandbox."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import uvicorn

from comfy_gen.api.app import create_app
from comfy_gen.api.dialects.comfyui.port import Prefixed
from comfy_gen.config import Settings

if TYPE_CHECKING:
    from pathlib import Path


class ServiceEngine:
    """A service on a thread and a loop of its own, as another process would be, from `start` to `stop`."""

    def __init__(self, engine_url: str, folder: Path) -> None:
        self._engine_url = engine_url
        self._folder = folder
        self._started = threading.Event()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._listener.close()

    def start(self) -> None:
        """Start it, and wait until it answers; what it accepted before is still in its folder."""
        self._started.clear()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        self._started.wait(30)

    def stop(self) -> None:
        """Stop it, and wait for its end."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()

    async def _run(self) -> None:
        app = Prefixed(create_app(self._settings()), "/comfyui")
        # A client that looks at a slow engine keeps its connection longer than uvicorn would by itself.
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=1, timeout_keep_alive=600
        )
        self._server = _Server(config, self._started)
        await self._server.serve(sockets=[self._listener.dup()])

    def _settings(self) -> Settings:
        usual = Settings()
        return replace(
            usual,
            # One place, as a ComfyUI has it: what waits for the engine does so in our queue.
            fleet=replace(usual.fleet, engines=f"sandbox={self._engine_url}#depth=1"),
            jobs=replace(usual.jobs, data_dir=self._folder),
            policy=replace(usual.policy, check_pictures="no"),
            quality=replace(usual.quality, model=""),
        )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: threading.Event) -> None:
        super().__init__(config)
        self._has_started = started

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        self._has_started.set()
