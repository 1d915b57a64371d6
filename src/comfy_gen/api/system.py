"""How the service is: alive, ready, and how much it has to do. Pure, but for what it asks the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import comfy_gen
from comfy_gen.api.results import queue_info
from comfy_gen.errors import ComfyGenError
from comfy_gen.jobs.job import ACTIVE, JobState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from comfy_gen.api.results import Results
    from comfy_gen.app.service import Service


async def health(service: Service) -> dict[str, Any]:
    """Return whether the service, and what it stands on, is well: ``healthy``, ``degraded`` or ``unhealthy``."""
    database = await _is_well(service.queue.store.is_paused)
    engines = await service.knowledge.count() if database else 0
    status = "healthy" if database and engines else "degraded" if database else "unhealthy"
    return {
        "status": status,
        "version": comfy_gen.__version__,
        "comfyui_available": engines > 0,
        "mlflow_available": service.telling is not None and await service.telling.is_available(),
        "database_available": database,
        "engines_available": engines,
        "works": service.worker is not None,
    }


async def readiness(service: Service) -> dict[str, Any]:
    """Return whether jobs are accepted now; they are without any engine, and wait for one."""
    return {"ready": await _is_well(service.queue.store.is_paused)}


async def queues(service: Service, results: Results) -> dict[str, Any]:
    """Return how much there is to do."""
    counts = await results.counts()
    active = sum(counts[state] for state in ACTIVE)
    return {
        **queue_info(counts),
        "queue_size": counts[JobState.QUEUED] + active,
        "waiting": counts[JobState.QUEUED],
        "running": active,
        "max_queue_size": service.settings.jobs.max_queue_size,
        "is_paused": await service.queue.store.is_paused(),
        "by_state": {state.value: number for state, number in counts.items()},
    }


async def _is_well(ask: Callable[[], Awaitable[object]]) -> bool:
    try:
        await ask()
    except ComfyGenError:
        return False
    return True
