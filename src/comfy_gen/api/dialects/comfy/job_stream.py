"""What one client is told of one job as it goes on: each thing once, from wherever they left off."""

from __future__ import annotations

import logging
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from comfy_gen.api.dialects.comfy.frames import Place, output_frame, preview_frame, progress_frame, status_frame
from comfy_gen.api.dialects.comfy.job_objects import progress_object
from comfy_gen.api.dialects.comfy.statuses import Status, status_of
from comfy_gen.api.streams import patiently
from comfy_gen.errors import DatabaseError, JobNotFoundError
from comfy_gen.jobs.job import JobState

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from comfy_gen.api.dialects.comfy.jobs_told import Teller
    from comfy_gen.api.lines import Lines
    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.records import News

log = logging.getLogger(__name__)


class Stream:
    """The events of one job for one client."""

    def __init__(self, queue: JobQueue, teller: Teller, lines: Lines, job: Job, place: Place | None) -> None:
        """``place`` is where they left off; None for who is new, and is told first how the job is by now."""
        self._queue = queue
        self._teller = teller
        self._lines = lines
        self._job = job
        self._is_new = place is None
        self._place = place or Place(job.last_event)
        self._after = min(self._place.after, job.last_event)
        """The number of the last event that they know."""
        self._status: tuple[Status, int | None] | None = None
        """The last that they know, with the place in the line."""
        self._shown = 0
        """The number of the last preview that they were shown."""

    async def frames(self) -> AsyncGenerator[bytes]:
        """Yield the events. Where the database goes away they end, and whoever comes back gets what they missed."""
        job_id = self._job.job_id
        try:
            for frame in await self._opening():
                yield frame
            async with aclosing(patiently(self._queue.watching.news(job_id, after=self._after))) as coming:
                async for news in coming:
                    for frame in await self.next(news):
                        yield frame
        except (DatabaseError, JobNotFoundError) as error:
            log.warning("a stream of job %s ends early: %s", job_id, error)

    async def next(self, news: News | None) -> list[bytes]:
        """Return what there is to tell of news, or of a while without any."""
        if news is None:
            is_waiting = self._status is not None and self._status[0] is Status.QUEUED
            return await self._standing(await self._queue.store.get(self._job.job_id)) if is_waiting else []
        frames = [*self._happened(news)]
        if news.is_last:
            return [*frames, *await self._ended(news.job)]
        return [*frames, *await self._standing(news.job), *self._preview()]

    async def _opening(self) -> list[bytes]:
        if not self._is_new:
            self._status = await self._known()
            return []
        frames = await self._standing(self._job)
        if self._job.state.is_active:
            progress = progress_object(self._job.progress, await self._teller.report(self._job))
            frames.append(progress_frame(progress, number=self._after))
        return frames

    async def _known(self) -> tuple[Status, None] | None:
        """Return the status that they were told of before they left."""
        events = await self._queue.store.events(self._job.job_id)
        states = [one.data["state"] for one in events if one.type == "state" and one.number <= self._after]
        return (status_of(replace(self._job, state=JobState(states[-1]))), None) if states else None

    def _happened(self, news: News) -> Iterator[bytes]:
        """Yield what is told of events. An end is told when nothing follows it: it may have been undone."""
        for event in news.events:
            self._after = event.number
            if event.type == "progress":
                progress = progress_object(event.data["progress"], event.data)
                yield progress_frame(progress, number=event.number)
            elif event.type == "state" and not (state := JobState(event.data["state"])).is_end:
                yield from self._told(status_of(replace(news.job, state=state)), None)

    def _told(self, status: Status, position: int | None) -> Iterator[bytes]:
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
        return [*self._told(status_of(job), position)]

    def _preview(self) -> Iterator[bytes]:
        preview = self._queue.previews.latest(self._job.job_id)
        if preview is not None and preview.number > self._shown:
            self._shown = preview.number
            yield self._lines.picture(("comfy", preview.number), lambda: preview_frame(preview))

    async def _ended(self, job: Job) -> list[bytes]:
        """Return the outputs before the status, with which clients stop to listen."""
        number = job.last_event
        outputs = [*enumerate(await self._teller.outputs(job), start=1)][self._place.skipped(number) :]
        frames = [output_frame(output, place, number=number) for place, output in outputs]
        return [*frames, status_frame(status_of(job), None, number=number)]
