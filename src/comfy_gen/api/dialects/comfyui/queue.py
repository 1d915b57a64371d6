"""``/queue``, ``/interrupt`` and ``/free``: what waits and runs, and how it is called off."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from comfy_gen.api.context import Admin, Generator, Reader, TheService
from comfy_gen.api.dialects.comfyui.answers import done, fields_of, ids_in, object_of, told
from comfy_gen.api.dialects.comfyui.entries import item_of
from comfy_gen.api.dialects.comfyui.numbers import number_of, numbers_in_line
from comfy_gen.app.freeing import free_all
from comfy_gen.errors import JobNotFoundError
from comfy_gen.jobs.dossiers import Dossiers
from comfy_gen.jobs.job import ACTIVE, ENDS, JobState
from comfy_gen.jobs.records import Selection

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service

WAITING = frozenset({JobState.QUEUED})
STOPPABLE = frozenset(JobState) - ENDS


def owner_of(caller: Caller) -> str | None:
    """Return whose jobs somebody sees; None for everybody's."""
    return None if caller.is_admin else caller.owner


async def cancel(service: Service, caller: Caller, job_ids: Sequence[str], states: Collection[JobState]) -> bool:
    """Cancel those of these jobs that the caller may and that are in such a state; tell whether there was any."""
    dossiers, cancelled = Dossiers(service.queue.store.transactions), False
    for job_id in await dossiers.among(owner_of(caller), job_ids, states):
        with suppress(JobNotFoundError):
            changed = await service.queue.store.cancel(Selection([job_id], sorted(states)), now=time.time())
            cancelled = bool(changed) or cancelled
    return cancelled


async def get_queue(caller: Reader, service: TheService) -> Response:
    """Show the caller's jobs that run and wait; an administrator, everybody's."""
    dossiers = Dossiers(service.queue.store.transactions)
    waiting, active = await dossiers.waiting(owner_of(caller)), await dossiers.active(owner_of(caller))
    numbers = numbers_in_line([(one.job.metadata, one.seq) for one in waiting])
    known = {one.job.job_id for one in active}  # who began to run in between is told as running
    return told(
        {
            "queue_running": [item_of(one, number_of(one.job.metadata, one.seq)) for one in active],
            "queue_pending": [
                item_of(one, number)
                for one, number in zip(waiting, numbers, strict=True)
                if one.job.job_id not in known
            ],
        }
    )


async def post_queue(request: Request, caller: Generator, service: TheService) -> Response:
    """Take the caller's jobs out of the line: all, or some. What runs goes on, and unknown ids mean nothing."""
    body = await object_of(request)
    if body.get("clear"):
        await service.queue.store.cancel(Selection(owner=caller.owner, states=[*WAITING]), now=time.time())
    await cancel(service, caller, ids_in(body, "delete"), WAITING)
    return done()


async def post_interrupt(request: Request, caller: Generator, service: TheService) -> Response:
    """Have the caller's running jobs stop, or the one that is named; a body that cannot be read counts as none."""
    try:
        body = fields_of(json.loads(await request.body()))
    except ValueError:
        body = {}
    if job_id := body.get("prompt_id"):
        await cancel(service, caller, [str(job_id)], ACTIVE)
    else:
        await service.queue.store.cancel(Selection(owner=caller.owner, states=[*ACTIVE]), now=time.time())
    return done()


async def post_free(request: Request, caller: Admin, service: TheService) -> Response:
    """Have all engines unload their models and drop their caches. For administrators."""
    del caller
    body = await object_of(request)
    if body.get("unload_models") or body.get("free_memory"):
        await free_all(service)
    return done()


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    router = APIRouter()
    router.add_api_route("/queue", get_queue, methods=["GET"])
    router.add_api_route("/queue", post_queue, methods=["POST"])
    router.add_api_route("/interrupt", post_interrupt, methods=["POST"])
    router.add_api_route("/free", post_free, methods=["POST"])
    return router
