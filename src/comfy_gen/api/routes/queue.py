"""The queue as a whole: whether jobs start, and how many have ended."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from comfy_gen.api import system
from comfy_gen.api.context import Admin, Reader, TheResults, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.wire.history import QueueHistory
from comfy_gen.api.wire.system import QueueInfo
from comfy_gen.jobs.throughput import MINUTES, grid_of, throughput

router = APIRouter(tags=["jobs"])

MinutesQuery = Annotated[int, Query(ge=MINUTES[0], le=MINUTES[-1], description="For how long to look back.")]


@router.get("/queue/history", response_model=QueueHistory, responses=problems())
async def history(caller: Reader, service: TheService, minutes: MinutesQuery = 60) -> dict[str, Any]:
    """Tell how many of the caller's jobs, or for an administrator of everybody's, ended when."""
    grid = grid_of(minutes, time.time())
    owner = None if caller.is_admin else caller.owner
    buckets = await throughput(service.queue.store.transactions, grid, owner)
    return {"step": grid.step, "from": grid.start, "buckets": [asdict(bucket) for bucket in buckets]}


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
