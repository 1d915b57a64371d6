"""Streams of server-sent events: how a job goes on, from any event that somebody has seen to its end."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent

from comfy_gen.api.farewell import GRACE
from comfy_gen.api.lines import line
from comfy_gen.errors import DatabaseError, JobNotFoundError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from starlette.requests import Request
    from starlette.types import Message, Send

    from comfy_gen.api.lines import Lines
    from comfy_gen.api.results import Results
    from comfy_gen.app import JobQueue
    from comfy_gen.app.caller import Caller
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.records import News

log = logging.getLogger(__name__)

_EARLY = "a stream of job %s ends early: %s"
HEARTBEAT = 15
"""Seconds after which a stream with nothing to say says so: proxies cut off those that are silent."""
LOOK_EVERY = 3.0
"""Seconds between two looks at the place in the line, which changes without an event of the job's own."""


class _Stream(EventSourceResponse):
    """Its parent, less the timeout around each event: it limits nothing here, and costs more than sending one."""

    async def _send_with_timeout(self, send: Send, message: Message) -> None:
        await send(message)


def streamed(events: AsyncIterator[ServerSentEvent | bytes]) -> EventSourceResponse:
    """Return the answer that streams these."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return _Stream(events, ping=HEARTBEAT, headers=headers, shutdown_event=anyio.Event(), shutdown_grace_period=GRACE)


async def documented(
    queue: JobQueue, results: Results, job_id: JobId, caller: Caller, request: Request
) -> AsyncIterator[ServerSentEvent]:
    """Yield how a job goes on as the documented stream does: updates, and at last the result as ``final_result``."""
    told = None
    try:
        async for news in patiently(queue.watching.news(job_id)):
            job = news.job if news is not None else await queue.store.get(job_id)
            if job.state.is_end:
                yield _event(_final(await results.of(job, caller, request)), number=job.last_event)
                return
            update = await results.update(job)
            if (update["status"], update["progress"], update["queue_position"]) != told:
                told = update["status"], update["progress"], update["queue_position"]
                yield _event(update, number=job.last_event)
    except (DatabaseError, JobNotFoundError) as error:
        log.warning(_EARLY, job_id, error)


async def patiently(news: AsyncGenerator[News]) -> AsyncGenerator[News | None]:
    """Yield what comes, and None whenever nothing came for a while."""
    coming: asyncio.Future[News] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(news))
            done, _ = await asyncio.wait({coming}, timeout=LOOK_EVERY)
            if not done:
                yield None
                continue
            try:
                found = coming.result()
            except StopAsyncIteration:
                return
            coming = None
            yield found
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
        await news.aclose()


def _final(result: dict[str, Any]) -> dict[str, Any]:
    return {"request_id": result["id"], "status": "final_result", "message": result["message"], "result": result}


PreviewsWanted = Literal["none", "reference", "data"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who watches a job, and what they want to see."""

    caller: Caller
    request: Request
    after: int = 0
    """The number of the last event that they have seen."""
    previews: PreviewsWanted = "reference"


async def events_of_job(
    queue: JobQueue, results: Results, lines: Lines, job_id: JobId, viewer: Viewer
) -> AsyncIterator[bytes]:
    """Yield every event of a job, what it looks like on the way, and at last its result as ``end``.

    Where the database goes away the stream ends, and whoever comes back with their number gets what they missed.
    """
    shown = 0
    try:
        async with aclosing(queue.watching.news(job_id, after=viewer.after)) as news:
            async for one in news:
                for event in one.events:
                    yield lines.event(event)
                preview = None if viewer.previews == "none" else queue.previews.latest(job_id)
                if preview is not None and preview.number > shown and not one.is_last:
                    shown = preview.number
                    yield lines.preview(job_id, preview, with_data=viewer.previews == "data")
                if one.is_last:
                    yield await _end(results, lines, one.job, viewer)
    except (DatabaseError, JobNotFoundError) as error:
        log.warning(_EARLY, job_id, error)


async def _end(results: Results, lines: Lines, job: Job, viewer: Viewer) -> bytes:
    async def make() -> bytes:
        result = await results.of(job, viewer.caller, viewer.request)
        return line(result, event="end", number=job.last_event)

    key = job.job_id, job.last_event, viewer.caller.is_admin, str(viewer.request.base_url)
    return await lines.end(key, make)


def _event(data: Any, *, number: int, event: str | None = None) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(data, separators=(",", ":")), id=str(number), event=event)
