"""``/api/jobs``: queue and history as one list, as newer ComfyUIs have them; they have it below ``/api`` alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from comfy_gen.api.context import Generator, Reader, TheService
from comfy_gen.api.dialects.comfyui.answers import object_of, told
from comfy_gen.api.dialects.comfyui.listing import InvalidQueryError, detail_of, item_of, search_of
from comfy_gen.api.dialects.comfyui.queue import STOPPABLE, active_jobs, cancel, owner_of
from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.dossiers import Dossiers
from comfy_gen.jobs.ids import check_job_id

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from comfy_gen.jobs.dossier import Dossier


async def get_jobs(request: Request, caller: Reader, service: TheService) -> Response:
    """List the caller's jobs; an administrator's list has everybody's."""
    waiting = await _waiting(service, caller)
    try:
        search = search_of(request.query_params, waiting)
    except InvalidQueryError as error:
        return told({"error": str(error)}, 400)
    found, total = await Dossiers(service.queue.store.transactions).search(owner_of(caller), search)
    limit = search.limit if "limit" in request.query_params else None
    page = {"offset": search.offset, "limit": limit, "total": total, "has_more": search.offset + len(found) < total}
    return told({"jobs": await asyncio.to_thread(_items, found, waiting), "pagination": page})


async def get_job(job_id: str, caller: Reader, service: TheService) -> Response:
    """Tell all of a job."""
    found = await Dossiers(service.queue.store.transactions).get(job_id)
    is_there = found is not None and caller.owns(found.job.owner) and (found.is_past or not found.job.state.is_end)
    if not found or not is_there:
        return told({"error": "Job not found"}, 404)
    is_waiting = found.job.state.is_active and job_id in await _waiting(service, caller)
    return told(detail_of(found, is_waiting=is_waiting))


async def cancel_job(job_id: str, caller: Generator, service: TheService) -> Response:
    """Cancel a job, whether it waits or runs; of one that has ended, or is not there, nothing happens."""
    return told({"cancelled": await cancel(service, caller, [job_id], STOPPABLE)})


async def cancel_jobs(request: Request, caller: Generator, service: TheService) -> Response:
    """Cancel several jobs."""
    try:
        body = await object_of(request)
    except HTTPException:
        return told({"error": "Request body must be valid JSON"}, 400)
    listed: object = body.get("job_ids")
    if not isinstance(listed, list):
        return told({"error": "job_ids must be a list"}, 400)
    job_ids = cast("list[Any]", listed)
    if invalid := [one if isinstance(one, str) else repr(one) for one in job_ids if not _is_id(one)]:
        return told({"error": "job_ids contains invalid id(s)", "invalid_ids": invalid}, 400)
    return told({"cancelled": await cancel(service, caller, job_ids, STOPPABLE)})


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    router = APIRouter()
    router.add_api_route("/jobs", get_jobs, methods=["GET"])
    router.add_api_route("/jobs/cancel", cancel_jobs, methods=["POST"])
    router.add_api_route("/jobs/{job_id}", get_job, methods=["GET"])
    router.add_api_route("/jobs/{job_id}/cancel", cancel_job, methods=["POST"])
    return router


async def _waiting(service: TheService, caller: Reader) -> frozenset[str]:
    """Return which jobs workers have that no engine runs yet: as the queue tells them, they are pending."""
    active = await active_jobs(service, owner_of(caller))
    return frozenset(one.job.job_id for one in active.waiting)


def _items(found: Sequence[Dossier], waiting: Collection[str]) -> list[dict[str, Any]]:
    return [item_of(one, is_waiting=one.job.job_id in waiting) for one in found]


def _is_id(job_id: Any) -> bool:
    try:
        check_job_id(job_id)
    except InvalidParameterError:
        return False
    return True
