"""Has engines unload their models and drop their caches."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.errors import EngineError

if TYPE_CHECKING:
    from comfy_gen.app.service import Service

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds for an engine to hear of it: somebody waits for that."""


async def free_all(service: Service) -> None:
    """Have all engines free their memory; one that does not answer has to be told again by whoever wants that."""
    fleet = service.fleet
    names = [entry.name for entry in await service.queue.engines()] if fleet is None else fleet.names
    await asyncio.gather(*(_free(service, name) for name in names))


async def _free(service: Service, name: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await (_ask(service, name) if service.fleet is None else service.fleet.free(name))
    except (EngineError, TimeoutError) as error:
        log.warning("%s was not asked to free its memory: %s", name, error)


async def _ask(service: Service, name: str) -> None:
    """Ask an engine that another process drives."""
    url = next(entry.url for entry in await service.queue.engines() if entry.name == name)
    async with AsyncComfyUIClient(url=url, options=service.settings.client_options()) as client:
        await client.free()
