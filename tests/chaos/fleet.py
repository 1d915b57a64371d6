"""The engines of the storm: sandboxes, each a process of its own on a port that stays."""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.chaos.processes import Process
from tests.live.comfyui.server import free_port

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_ANSWER = aiohttp.ClientTimeout(total=3.0)
_READY = 60.0


class EngineProcess(Process):
    """One sandbox engine. Killed, it has forgotten its queue and its history; its files stay, as ComfyUI's do."""

    def __init__(self, number: int, *, folder: Path, step_time: float) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self._data = folder / f"engine-{number}"
        port = self.url.rpartition(":")[2]
        options = ["--port", port, "--step-time", str(step_time), "--load-time", "0.2", "--data-dir", str(self._data)]
        environment = {**os.environ, "COLUMNS": "200"}
        arguments = ["-m", "comfy_gen", "sandbox", *options]
        super().__init__(f"engine-{number}", arguments, folder=folder, environment=environment)

    def wipe(self) -> None:
        """Remove its files, as where a new container takes its place. It must not run."""
        shutil.rmtree(self._data, ignore_errors=True)

    async def add_fault(self, fault: dict[str, Any] | str) -> bool:
        """Have it make trouble; tell whether it heard of it."""
        return await self._ask("POST", "/sandbox/faults", fault) is not None

    async def clear_faults(self) -> None:
        """Have it behave again."""
        await self._ask("DELETE", "/sandbox/faults")

    async def queue(self) -> list[str] | None:
        """Return the ids of the prompts that run and wait; None where it does not answer."""
        answer = await self._ask("GET", "/queue")
        if answer is None:
            return None
        return [item[1] for name in ("queue_running", "queue_pending") for item in answer[name]]

    async def _ask(self, method: str, path: str, body: object = None) -> Any:
        try:
            async with (
                aiohttp.ClientSession(timeout=_ANSWER) as session,
                session.request(method, self.url + path, json=body) as answer,
            ):
                return await answer.json() if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None


async def wait_until_ready(engines: Sequence[EngineProcess]) -> None:
    """Return once all of them answer.

    Raises:
        TimeoutError: one does not.
    """
    async with asyncio.timeout(_READY):
        for engine in engines:
            while await engine.queue() is None:
                await asyncio.sleep(0.1)
