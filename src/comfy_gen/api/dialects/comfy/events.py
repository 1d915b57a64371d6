"""How a job goes on, as a stream of events that can be taken up again."""

from __future__ import annotations

import logging
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header
from sse_starlette import EventSourceResponse

from comfy_gen.api.context import TheLines, TheService
from comfy_gen.api.dialects.comfy.frames import (
    Place,
    output_frame,
    place_in,
    preview_frame,
    progress_frame,
    status_frame,
)
from comfy_gen.api.dialects.comfy.job_objects import progress_object
from comfy_gen.api.dialects.comfy.jobs import PATH, Seen
from comfy_gen.api.dialects.comfy.jobs_told import TheTeller
from comfy_gen.api.dialects.comfy.statuses import Status, status_of
from comfy_gen.api.streams import patiently, streamed
from comfy_gen.errors import DatabaseError, JobNotFoundError
from comfy_gen.jobs.job import JobState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from comfy_gen.api.dialects.comfy.jobs_told import Teller
    from comfy_gen.api.lines import Lines
    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.records import News

log = logging.getLogger(__name__)
router = APIRouter(prefix=PATH)


@router.get("/{job_id}/events", response_class=EventSourceResponse)
async def events(
    *,
    found: Seen,
    service: TheService,
    teller: TheTeller,
    lines: TheLines,
    last_event_id: Annotated[str, Header(max_length=50)] = "",
) -> EventSourceResponse:
    """Stream how a job is, how it goes on, and at last its outputs and its last status.

    Who says which event they have seen last gets those that followed, and the end again if there were none.
    """
    place = place_in(last_event_id)
    stream = _Stream(service.queue, teller, lines, place or Place(found.last_event))
    return streamed(stream.frames(found, is_new=place is None))


class _Stream:
    """What one client is told of one job."""

    def __init__(self, queue: JobQueue, teller: Teller, lines: Lines, place: Place) -> None:
        self._queue = queue
        self._teller = teller
        self._lines = lines
        self._place = place
        self._after = place.after
        """The number of the last event that they were told of."""
        self._status: tuple[Status, int | None] | None = None
        """The last that they were told, with the place in the line."""
        self._shown = 0
        """The number of the last preview that they were shown."""

    async def frames(self, job: Job, *, is_new: bool) -> AsyncIterator[bytes]:
        """Yield the events; who is new is told how far the job is.

        Where the database goes away the stream ends, and whoever comes back gets what they missed.
        """
        news = self._queue.watching.news(job.job_id, after=min(self._after, job.last_event))
        try:
            if is_new:
                for frame in await self._opening(job):
                    yield frame
            async with aclosing(patiently(news)) as coming:
                async for one in coming:
                    for frame in await self._next(job.job_id, one):
                        yield frame
        except (DatabaseError, JobNotFoundError) as error:
            log.warning("a stream of job %s ends early: %s", job.job_id, error)

    async def _opening(self, job: Job) -> list[bytes]:
        if job.state.is_end:
            return []
        frames = await self._standing(job)
        if job.state.is_active:
            progress = progress_object(job.progress, await self._teller.report(job))
            frames.append(progress_frame(progress, number=self._after))
        return frames

    async def _next(self, job_id: str, news: News | None) -> list[bytes]:
        """Return what there is to tell of news, or of a while without any."""
        if news is None:
            is_waiting = self._status is not None and self._status[0] is Status.QUEUED
            return await self._standing(await self._queue.store.get(job_id)) if is_waiting else []
        frames = [*self._happened(news)]
        if news.is_last:
            return [*frames, *await self._ended(news.job)]
        return [*frames, *await self._standing(news.job), *self._preview(job_id)]

    def _happened(self, news: News) -> Iterator[bytes]:
        for event in news.events:
            self._after = event.number
            if event.type == "progress":
                progress = progress_object(event.data["progress"], event.data)
                yield progress_frame(progress, number=event.number)
            elif event.type == "state" and not (state := JobState(event.data["state"])).is_end:
                yield from self._now(status_of(replace(news.job, state=state)), None)

    def _now(self, status: Status, position: int | None) -> Iterator[bytes]:
        """Yield a status, unless they know it."""
        if self._status is None or self._status[0] is not status or position not in (None, self._status[1]):
            self._status = status, position
            yield status_frame(status, position, number=self._after)

    async def _standing(self, job: Job) -> list[bytes]:
        """Return how a job is now, which not every event says and which changes without any."""
        if job.state.is_end:
            return []
        is_waiting = job.state is JobState.QUEUED
        position = await self._queue.store.position(job.job_id) if is_waiting else None
        return [*self._now(status_of(job), position)]

    def _preview(self, job_id: str) -> Iterator[bytes]:
        preview = self._queue.previews.latest(job_id)
        if preview is not None and preview.number > self._shown:
            self._shown = preview.number
            yield self._lines.picture(("comfy", preview.number), lambda: preview_frame(preview))

    async def _ended(self, job: Job) -> list[bytes]:
        """Return the outputs before the status, with which clients stop to listen."""
        number = job.last_event
        outputs = [*enumerate(await self._teller.outputs(job), start=1)][self._place.skipped(number) :]
        frames = [output_frame(output, place, number=number) for place, output in outputs]
        return [*frames, status_frame(status_of(job), None, number=number)]
