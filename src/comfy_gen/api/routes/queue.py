"""The queue as a whole: whether jobs start."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from comfy_gen.api import system
from comfy_gen.api.context import Admin, TheResults, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.wire.system import QueueInfo

router = APIRouter(tags=["jobs"])


@router.post("/queue/pause", response_model=QueueInfo, responses=problems())
async def pause(caller: Admin, service: TheService, results: TheResults) -> dict[str, Any]:
    """Have no job start; those that run go on, and more are accepted. For administrators."""
    del caller
    await service.queue.store.set_paused(True)
    return await system.queues(service, results)


@router.post("/queue/resume", response_model=QueueInfo, responses=problems())
async def resume(caller: Admin, service: TheService, results: TheResults) -> dict[str, Any]:
    """Have jobs start again. For administrators."""
    del caller
    await service.queue.store.set_paused(False)
    return await system.queues(service, results)
