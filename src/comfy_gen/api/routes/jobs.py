"""Jobs: which there are, how each goes, and what can be done with them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from sse_starlette import EventSourceResponse

from comfy_gen.api.context import Generator, JobPath, Reader, TheLines, TheResults, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.facts import attempt_of, standing_of, summary_of
from comfy_gen.api.streams import PreviewsWanted, Viewer, events_of_job, streamed
from comfy_gen.api.takes import takes_of
from comfy_gen.api.wire.events import JobEventData
from comfy_gen.api.wire.jobs import JobAsked, JobDetail, JobPage, PriorityBody
from comfy_gen.api.wire.live import MoveBody
from comfy_gen.api.wire.results import Result
from comfy_gen.app.shown import request_json
from comfy_gen.errors import PreviewNotFoundError
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.moving import Place, move
from comfy_gen.jobs.records import JobFilter, Selection

router = APIRouter(tags=["jobs"])

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"model": JobEventData, "content": {"text/event-stream": {}}, "description": "The events: the data of each."}
}
_PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/*": {}}, "description": "The picture."}}


class _Own:
    """A job of the caller's that something is to be done with."""

    def __init__(
        self, job_id: JobPath, caller: Generator, service: TheService, results: TheResults, request: Request
    ) -> None:
        self.store = service.queue.store
        self._job_id = str(job_id)
        self._caller = caller
        self._results = results
        self._request = request

    async def after(self, change: Callable[..., Awaitable[object]]) -> dict[str, Any]:
        """Have the store change the job, and return how it is then."""
        job = await self._results.job(self._caller, self._job_id)
        await change(Selection([job.job_id]), now=time.time())
        return await self._told(job.job_id)

    async def moved(self, body: MoveBody) -> dict[str, Any]:
        """Put the job elsewhere in the line, and return how it is then."""
        job = await self._results.job(self._caller, self._job_id)
        other = body.before or body.after
        if other is not None:
            await self._results.job(self._caller, str(other))  # another's is not told from none
        place = Place(body.after is not None or body.to == "last", other and str(other))
        owner = None if self._caller.is_admin else self._caller.owner
        await move(self.store.transactions, job.job_id, place, owner=owner, now=time.time())
        return await self._told(job.job_id)

    async def _told(self, job_id: JobId) -> dict[str, Any]:
        return await self._results.of(await self.store.get(job_id), self._caller, self._request)


Own = Annotated[_Own, Depends()]


@router.get("/jobs", response_model=JobPage, responses=problems())
async def jobs(
    caller: Reader,
    service: TheService,
    state: Annotated[list[JobState] | None, Query(description="Give it again for several.")] = None,
    owner: Annotated[str | None, Query(max_length=255, description="For administrators: whose jobs.")] = None,
    text: Annotated[str, Query(max_length=200, description="A part of the title, or the beginning of the id.")] = "",
    limit: Annotated[int, Query(ge=1, le=500, description="So many at most.")] = 50,
    cursor: Annotated[str | None, Query(max_length=50, description="The `next` of the page before.")] = None,
) -> dict[str, Any]:
    """List jobs, newest first: one's own; an administrator's list has everybody's."""
    wanted = JobFilter(state or (), owner if caller.is_admin else caller.owner, text)
    page = await service.queue.store.list(wanted, limit, cursor)
    return {"jobs": [summary_of(job, caller) for job in page.jobs], "next": page.next}


@router.get("/jobs/{job_id}", response_model=JobDetail, responses=problems(404))
async def job(
    job_id: JobPath, caller: Reader, service: TheService, results: TheResults, request: Request
) -> dict[str, Any]:
    """Tell how a job is, what came of it, where it stands in the line, and of each attempt at it and each take."""
    found, store = await results.job(caller, str(job_id)), service.queue.store
    position = await store.position(found.job_id) if found.state is JobState.QUEUED else None
    standing = standing_of(found, caller, position=position, eta=await service.queue.eta(found))
    attempts = [attempt_of(one) for one in await store.attempts(found.job_id)]
    takes = await takes_of(service, results, found, caller, request)
    return {**await results.of(found, caller, request), **standing, "attempts": attempts, "takes": takes}


@router.get("/jobs/{job_id}/request", response_model=JobAsked, responses=problems(404))
async def asked(job_id: JobPath, caller: Reader, service: TheService, results: TheResults) -> dict[str, Any]:
    """Tell what a job was asked to do, without the secrets in it."""
    found = await results.job(caller, str(job_id))
    return request_json(await service.queue.store.request(found.job_id))


@router.get("/jobs/{job_id}/events", response_class=EventSourceResponse, responses=problems(404) | _EVENTS)
async def events(
    *,
    job_id: JobPath,
    caller: Reader,
    service: TheService,
    results: TheResults,
    lines: TheLines,
    request: Request,
    after: Annotated[int, Query(ge=0, description="The number of the last event that you have seen.")] = 0,
    previews: Annotated[
        PreviewsWanted, Query(description="Pictures on the way: where they are, themselves, or none.")
    ] = "reference",
    last_event_id: Annotated[str, Header(max_length=50, description="Sent by browsers; goes before `after`.")] = "",
) -> EventSourceResponse:
    """Stream what happens to a job, from any event on: `state`, `progress`, `note`, `preview`, and at last `end`.

    Whoever comes back with the number of the last event that they have seen gets what they missed, and `end` again.
    """
    found = await results.job(caller, str(job_id))
    is_number = last_event_id.isascii() and last_event_id.isdigit()
    viewer = Viewer(caller, request, min(int(last_event_id) if is_number else after, found.last_event), previews)
    return streamed(events_of_job(service.queue, results, lines, found.job_id, viewer))


@router.get("/jobs/{job_id}/preview", response_class=Response, responses=problems(404) | _PICTURE)
async def preview(job_id: JobPath, caller: Reader, service: TheService, results: TheResults) -> Response:
    """Return what a job looks like by now, while its engine samples."""
    found = await results.job(caller, str(job_id))
    frame = service.queue.previews.latest(found.job_id)
    if frame is None:
        raise PreviewNotFoundError(found.job_id)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(frame.image, media_type=frame.media_type, headers=headers)


@router.post("/jobs/{job_id}/cancel", response_model=Result, responses=problems(404, 409))
async def cancel(own: Own) -> dict[str, Any]:
    """Cancel a job: one that waits at once; one that runs as soon as its engine lets go of it."""
    return await own.after(own.store.cancel)


@router.post("/jobs/{job_id}/retry", response_model=Result, responses=problems(404, 409))
async def retry(own: Own) -> dict[str, Any]:
    """Begin a job afresh that failed, was cancelled, or gave only a part of what was asked."""
    return await own.after(own.store.retry)


@router.post("/jobs/{job_id}/hold", response_model=Result, responses=problems(404, 409))
async def hold(own: Own) -> dict[str, Any]:
    """Have a job that waits not start until it is released."""
    return await own.after(own.store.hold)


@router.post("/jobs/{job_id}/release", response_model=Result, responses=problems(404, 409))
async def release(own: Own) -> dict[str, Any]:
    """Let a job that is held start again."""
    return await own.after(own.store.release)


@router.post("/jobs/{job_id}/priority", response_model=Result, responses=problems(404, 409, 415))
async def reprioritise(body: PriorityBody, own: Own) -> dict[str, Any]:
    """Give a job that waits another priority."""
    return await own.after(partial(own.store.reprioritise, priority=body.priority))


@router.post("/jobs/{job_id}/move", response_model=Result, responses=problems(404, 409, 415))
async def reorder(body: MoveBody, own: Own) -> dict[str, Any]:
    """Put a job that waits at another place of the line: before or after another one of one's own, first, or last.

    All others keep their order. An administrator may put any job next to any other.
    """
    return await own.moved(body)


@router.delete("/jobs/{job_id}", status_code=204, responses=problems(404, 409))
async def delete(job_id: JobPath, caller: Generator, service: TheService, results: TheResults) -> None:
    """Forget a job that has ended, with its files. One that has not is to be cancelled first."""
    await service.delete(await results.job(caller, str(job_id)))
