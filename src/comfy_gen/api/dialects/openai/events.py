"""Streams how pictures come about: what they look like on the way, and then the pictures."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from comfy_gen.api.dialects.openai.answers import (
    completed,
    encoded,
    failure_told,
    is_made,
    partial,
)
from comfy_gen.api.dialects.openai.problems import body_of, shape_of
from comfy_gen.api.lines import line
from comfy_gen.api.problems import Told, told_of
from comfy_gen.errors import ComfyGenError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from comfy_gen.api.dialects.openai.answers import Gallery, Manner
    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.previews import Preview

log = logging.getLogger(__name__)

STOPPING = Told(503, "stopping", "the service is about to stop, and the job goes on", "send the request again.")


class Show:
    """What is streamed of a request's jobs, one after the other."""

    def __init__(self, queue: JobQueue, gallery: Gallery, kind: str, manner: Manner, *, partials: int) -> None:
        """``kind`` begins the events' names; of each picture there are so many ``partials`` at most."""
        self._queue = queue
        self._gallery = gallery
        self._kind = kind
        self._manner = manner
        self._partials = partials

    async def events(self, job_ids: Sequence[JobId]) -> AsyncGenerator[bytes]:
        """Yield all events; where a job fails, that is the last one."""
        try:
            for job_id in job_ids:
                async with aclosing(self._of(job_id)) as events:
                    async for event in events:
                        yield event
        except _EndedError as ended:
            yield _error(ended.told)
        except ComfyGenError as error:
            log.warning("a stream of pictures ends early: %s", error)
            yield _error(told_of(error))

    async def _of(self, job_id: JobId) -> AsyncGenerator[bytes]:
        job: Job | None = None
        sent, shown = 0, 0
        async with aclosing(self._queue.watching.news(job_id)) as news:
            async for one in news:
                job = one.job
                preview = self._queue.previews.latest(job_id)
                if preview is not None and preview.number > shown and self._is_due(job, sent):
                    yield await self._partial(preview, sent)
                    sent, shown = sent + 1, preview.number
        if job is None or not job.state.is_end:
            raise _EndedError(STOPPING)
        for event in await self._finished(job):
            yield event

    def _is_due(self, job: Job, sent: int) -> bool:
        """Tell whether it is time for another: they are as far apart as they can be."""
        return (
            not job.state.is_end and sent < self._partials and (job.progress or 0) >= (sent + 1) / (self._partials + 1)
        )

    async def _partial(self, preview: Preview, number: int) -> bytes:
        text = await asyncio.to_thread(encoded, preview.image, preview.media_type, self._manner)
        return _event(partial(self._kind, number, time.time(), text, self._manner))

    async def _finished(self, job: Job) -> list[bytes]:
        artifacts = await self._gallery.pictures(job) if is_made(job) else ()
        if not artifacts:
            raise _EndedError(failure_told(job))
        texts = [(one, await self._gallery.text(one, self._manner)) for one in artifacts]
        return [_event(completed(self._kind, job, one, text, self._manner)) for one, text in texts]


class _EndedError(Exception):
    """Carries what ends a stream out of it."""

    def __init__(self, told: Told) -> None:
        super().__init__(told.message)
        self.told = told


def _event(data: dict[str, Any]) -> bytes:
    return line(data, event=data["type"])


def _error(told: Told) -> bytes:
    return line({"type": "error", **body_of(told, shape_of(told))}, event="error")
