"""Jobs: accepted, listed, looked at, cancelled."""

from __future__ import annotations

import contextlib
import time
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse

from comfy_gen.api.answers import end_of
from comfy_gen.api.context import Generator, Reader, TheResults, TheService
from comfy_gen.api.dialects.comfy.assets_in_workflows import resolved
from comfy_gen.api.dialects.comfy.job_objects import listed_object
from comfy_gen.api.dialects.comfy.jobs_told import TheTeller
from comfy_gen.api.dialects.comfy.labels import labels_in
from comfy_gen.api.dialects.comfy.statuses import filter_of, statuses_in
from comfy_gen.api.dialects.comfy.submissions import key_in, submission_in
from comfy_gen.app.accepting import Ask, accept
from comfy_gen.app.planner import Raw
from comfy_gen.app.refusing import check_accepted
from comfy_gen.errors import InvalidParameterError, JobNotFoundError, JobStateError
from comfy_gen.jobs.job import Job
from comfy_gen.jobs.records import Page, Selection

if TYPE_CHECKING:
    from comfy_gen.api.dialects.comfy.submissions import Submission
    from comfy_gen.api.results import Results
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.app.tiers import Allowed

PATH = "/api/v2/jobs"
MOST = 100
"""Jobs on a page of the list."""
USUAL = 50
MOMENT = 1.0
"""Seconds that who looks at a job waits for its end, where it may come by then."""
NEXT = 8
"""So many jobs that wait may be done in such a moment; who looks at others is told of them at once."""
router = APIRouter(prefix=PATH)


def is_untyped(method: str, path: str) -> bool:
    """Tell whether a body is read as JSON, whatever it says it is, as the gateway does that people run themselves."""
    return method == "POST" and (path == PATH or path.startswith(f"{PATH}/"))


async def seen(job_id: str, caller: Reader, results: TheResults) -> Job:
    """Return the job of a path, for who may look at it."""
    return await _job(job_id, caller, results)


async def owned(job_id: str, caller: Generator, results: TheResults) -> Job:
    """Return the job of a path, for who may change it."""
    return await _job(job_id, caller, results)


Seen = Annotated[Job, Depends(seen)]
Owned = Annotated[Job, Depends(owned)]


@router.post("")
async def submit(caller: Generator, service: TheService, teller: TheTeller, request: Request) -> JSONResponse:
    """Accept a job. What was sent before under the same key is the same job, as it is by now."""
    submission = submission_in(await _body(request))
    ask = Ask(
        caller=caller,
        digest=submission.digest(caller.owner),
        key=key_in(request.headers.get("idempotency-key")),
        priority=submission.priority,
        metadata=submission.metadata,
        extra_data=submission.extra_data,
        as_comfyui=True,
    )
    taken = await accept(service, ask, partial(_wish, service, caller, submission))
    if not taken.is_replay:
        return JSONResponse(teller.new(taken.job), HTTPStatus.CREATED)
    return JSONResponse(await teller.job(taken.job), HTTPStatus.CREATED, headers={"Idempotent-Replayed": "true"})


@router.get("")
async def listed(caller: Reader, service: TheService, teller: TheTeller, request: Request) -> dict[str, Any]:
    """List jobs, newest first: by status, by labels, page by page."""
    query = request.query_params
    statuses = statuses_in(",".join(query.getlist("status")))
    owner = None if caller.is_admin else caller.owner
    wanted = filter_of(statuses, owner=owner, labels=labels_in(query.multi_items()))
    limit, store = _limit_in(query.get("limit")), service.queue.store
    page = Page([]) if wanted is None else await store.list(wanted, limit, query.get("cursor"))
    told = [listed_object(await teller.job(job), job) for job in page.jobs]
    return {"jobs": told, "truncated": False, **({"next_cursor": page.next} if page.next else {})}


@router.get("/{job_id}")
async def job(found: Seen, service: TheService, teller: TheTeller, request: Request) -> dict[str, Any]:
    """Tell how a job is; if it may end in a moment, after that moment: the SDK's next look is half a second later."""
    if await _may_end(found, service):
        await end_of(found.job_id, service.queue.watching, request, patience=MOMENT)
        found = await service.queue.store.get(found.job_id)
    return await teller.job(found)


@router.get("/{job_id}/workflow")
async def workflow(found: Seen, service: TheService) -> dict[str, Any]:
    """Return the workflow of a job, which may be sent again: files in it have names that mean them here."""
    return {"workflow": (await service.queue.store.request(found.job_id)).workflow, "format": "api"}


@router.post("/{job_id}/cancel")
async def cancel(found: Owned, service: TheService, teller: TheTeller) -> dict[str, Any]:
    """Cancel a job. One that has ended stays as it is."""
    store = service.queue.store
    with contextlib.suppress(JobStateError):
        await store.cancel(Selection([found.job_id]), now=time.time())
    return await teller.job(await store.get(found.job_id))


async def _job(job_id: str, caller: Caller, results: Results) -> Job:
    try:
        known = str(UUID(job_id))
    except ValueError:
        raise JobNotFoundError(job_id[:100]) from None
    return await results.job(caller, known)


async def _may_end(found: Job, service: Service) -> bool:
    if found.state.is_active:
        return True
    store = service.queue.store
    place = await store.position(found.job_id)
    if place is None:  # somebody holds it; or it began just now
        return await store.state(found.job_id) is not found.state
    return place <= NEXT and not await store.is_paused()


async def _body(request: Request) -> object:
    try:
        return await request.json()
    except ValueError as error:
        raise InvalidParameterError("the body", str(error)[:100], "JSON") from None


async def _wish(service: Service, caller: Caller, submission: Submission, _: Allowed) -> Raw:
    """Return what is to be made of a submission, as soon as it is known that engines would not refuse it."""
    workflow = await resolved(service, caller, submission.workflow)
    await check_accepted(service.planner, workflow)
    return Raw(workflow)


def _limit_in(said: str | None) -> int:
    if said is None:
        return USUAL
    if not (said.isascii() and said.isdigit() and len(said) <= 3 and 1 <= int(said) <= MOST):
        raise InvalidParameterError("limit", said[:50], f"a whole number from 1 to {MOST}")
    return int(said)
