"""``/queue``, ``/interrupt`` and ``/free``: what waits and runs, and how it is called off."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

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
    from comfy_gen.jobs.dossier import Dossier

WAITING = frozenset({JobState.QUEUED})
STOPPABLE = frozenset(JobState) - ENDS
_FEW = 20
"""Items: to write more takes long enough for others to notice."""


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
    waiting = await Dossiers(service.queue.store.transactions).waiting(owner_of(caller))
    active = await active_jobs(service, owner_of(caller))
    known = {*_ids(active.running), *_ids(active.assigned)}  # whose turn came in between is told once
    pending = [*active.assigned, *(one for one in waiting if one.job.job_id not in known)]
    if len(pending) <= _FEW:
        return _items(active.running, pending)
    return await asyncio.to_thread(_items, active.running, pending)


async def post_queue(request: Request, caller: Generator, service: TheService) -> Response:
    """Take the caller's jobs out of the line: all, or some. What runs goes on, and unknown ids mean nothing."""
    body = await object_of(request)
    if body.get("clear"):
        await service.queue.store.cancel(Selection(owner=caller.owner, states=[*WAITING]), now=time.time())
        await cancel(service, caller, _ids((await active_jobs(service, caller.owner)).assigned), ACTIVE)
    if named := ids_in(body, "delete"):
        assigned = _ids((await active_jobs(service, owner_of(caller))).assigned)
        await cancel(service, caller, [one for one in named if one in assigned], ACTIVE)
        await cancel(service, caller, named, WAITING)
    return done()


async def post_interrupt(request: Request, caller: Generator, service: TheService) -> Response:
    """Have the caller's running jobs stop, or the one that is named; a body that cannot be read counts as none."""
    try:
        body = fields_of(json.loads(await request.body()))
    except ValueError:
        body = {}
    named = body.get("prompt_id")
    running = _ids((await active_jobs(service, owner_of(caller) if named else caller.owner)).running)
    await cancel(service, caller, [one for one in running if one == named or not named], ACTIVE)
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


def _items(running: Sequence[Dossier], pending: Sequence[Dossier]) -> Response:
    numbers = numbers_in_line([(one.job.metadata, one.seq) for one in pending])
    return told(
        {
            "queue_running": [item_of(one, number_of(one.job.metadata, one.seq)) for one in running],
            "queue_pending": [item_of(*one) for one in zip(pending, numbers, strict=True)],
        }
    )


class Active(NamedTuple):
    """Jobs that workers have."""

    running: Sequence[Dossier]
    waiting: Sequence[Dossier]
    """They are made ready, or wait in the queue of their engine: for whoever sees one ComfyUI they wait."""

    @property
    def assigned(self) -> Sequence[Dossier]:
        """Those that wait, but for those that are about to be taken out: they are gone."""
        return [one for one in self.waiting if not one.job.is_cancelling]


async def active_jobs(service: Service, owner: str | None) -> Active:
    """Return the jobs that workers have; with those that began a moment ago, as the service knows."""
    here = service.queue.relay.running
    active = await Dossiers(service.queue.store.transactions).active(owner)
    begun = {one.job.job_id for one in active if one.has_begun}
    begun |= {job_id for job_id, one in here.items() if one.has_started}  # which the store is told a moment later
    running = [one for one in active if one.job.job_id in begun]
    return Active(running, [one for one in active if one.job.job_id not in begun])


def _ids(jobs: Sequence[Dossier]) -> list[str]:
    return [one.job.job_id for one in jobs]
