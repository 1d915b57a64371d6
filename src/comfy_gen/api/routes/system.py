"""The service itself: is it alive, is it ready, what has it to do."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from comfy_gen.api import system
from comfy_gen.api.context import Reader, TheResults, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.metrics import MEDIA_TYPE
from comfy_gen.api.wire.system import Health, QueueInfo, Readiness

router = APIRouter(tags=["service"])


@router.get("/health", response_model=Health, responses={503: {"model": Health}})
async def health(service: TheService, response: Response) -> dict[str, Any]:
    """Tell whether the service is well. Needs no key."""
    told = await system.health(service)
    response.status_code = 503 if told["status"] == "unhealthy" else 200
    return told


@router.get("/ready", response_model=Readiness, responses={503: {"model": Readiness}})
async def ready(service: TheService, response: Response) -> dict[str, Any]:
    """Tell whether jobs are accepted. Needs no key."""
    told = await system.readiness(service)
    response.status_code = 200 if told["ready"] else 503
    return told


@router.get("/queue-info", response_model=QueueInfo, responses=problems())
async def queue_info(caller: Reader, service: TheService, results: TheResults) -> dict[str, Any]:
    """Tell how much there is to do."""
    del caller
    return await system.queues(service, results)


@router.get(
    "/metrics",
    response_class=Response,
    responses=problems() | {200: {"content": {"text/plain": {}}, "description": "Prometheus' text format."}},
)
async def metrics(caller: Reader, service: TheService, request: Request) -> Response:
    """Tell Prometheus how it goes."""
    del caller
    return Response(await request.app.state.metrics.render(service), media_type=MEDIA_TYPE)
