"""The stream of all jobs: everything there is to see, and then each job again whenever it has changed."""

from __future__ import annotations

import json
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.api.facts import eta_of, summary_of
from comfy_gen.errors import DatabaseError, UnauthorizedError
from comfy_gen.jobs.result import error_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from starlette.requests import Request

    from comfy_gen.api.lines import Lines
    from comfy_gen.api.results import Results
    from comfy_gen.app import JobQueue
    from comfy_gen.app.board import Glimpse
    from comfy_gen.app.caller import Caller
    from comfy_gen.jobs.live import LiveJob, Sight

log = logging.getLogger(__name__)

LATELY = 600.0
"""Seconds since which jobs ended that somebody is shown who was not here before."""
LONGEST_METADATA = 16_384
"""Characters of a job's metadata that are streamed with it: hundreds of jobs are shown at a time, again and again."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who watches all of their jobs."""

    caller: Caller
    request: Request
    since: float
    """They have seen what there was then."""
    admit: Callable[[], Awaitable[Caller]]
    """Returns who they are now."""
    wants_previews: bool = False


async def events_of_all(queue: JobQueue, results: Results, lines: Lines, visitor: Visitor) -> AsyncIterator[bytes]:
    """Yield what all of somebody's jobs are, and how they go on.

    Where the database goes away, or their key is revoked, the stream ends; whoever comes back with the number of the
    last event gets all that they missed.
    """
    window = _Window(queue, results, lines, visitor)
    owner = None if visitor.caller.is_admin else visitor.caller.owner
    try:
        async with aclosing(queue.board.glimpses(owner, visitor.since)) as glimpses:
            async for glimpse in glimpses:
                if await visitor.admit() != visitor.caller:
                    return
                if shown := await window.show(glimpse):
                    yield shown
    except (DatabaseError, UnauthorizedError) as error:
        log.warning("a stream of all jobs ends early: %s", error)


class _Window:
    """What one visitor sees, as it is sent to them."""

    def __init__(self, queue: JobQueue, results: Results, lines: Lines, visitor: Visitor) -> None:
        self._previews = queue.previews
        self._results = results
        self._lines = lines
        self._visitor = visitor
        self._shown: dict[str, int] = {}
        """The number of the newest preview of each running job."""

    async def show(self, glimpse: Glimpse) -> bytes:
        """Return the events of a glimpse; whoever has not got the last of them comes back as if without it."""
        parts: list[tuple[str, str]] = []
        if glimpse.sight is not None:
            parts.append(("snapshot", await self._snapshot(glimpse.sight)))
        parts += [("job", await self._job(one)) for one in glimpse.jobs.values()]
        parts += [("gone", _json({"id": job_id})) for job_id in glimpse.gone]
        if glimpse.is_paused is not None:
            parts.append(("queue", _json({"is_paused": glimpse.is_paused})))
        ids = [glimpse.before] * (len(parts) - 1) + [glimpse.moment]
        events = [_event(kind, data, moment=at) for (kind, data), at in zip(parts, ids, strict=False)]
        pictures = self._pictures(glimpse)
        for job_id in (*glimpse.gone, *(one.job.job_id for one in glimpse.jobs.values() if one.job.state.is_end)):
            self._shown.pop(job_id, None)
        return b"".join([*events, *pictures])

    async def _snapshot(self, sight: Sight) -> str:
        jobs = ",".join([await self._job(one) for one in sight.jobs])
        return f'{{"jobs":[{jobs}],"is_paused":{_json(sight.is_paused)},"is_whole":{_json(sight.is_whole)}}}'

    async def _job(self, one: LiveJob) -> str:
        caller, request = self._visitor.caller, self._visitor.request
        if not one.artifacts:
            key = one.job.job_id, one.version, one.eta, caller.is_admin
            return self._lines.text(key, lambda: _json(live_of(one, caller)))

        async def make() -> bytes:
            output = [await self._results.output(file, caller, request) for file in one.artifacts]
            return _json(live_of(one, caller, output)).encode()

        made_for = "live", one.job.job_id, one.version, caller.is_admin, str(request.base_url)
        return (await self._lines.end(made_for, make)).decode()

    def _pictures(self, glimpse: Glimpse) -> list[bytes]:
        if not self._visitor.wants_previews:
            return []
        running = [one.job.job_id for one in glimpse.sight.jobs if one.job.state.is_active] if glimpse.sight else ()
        found = [(job_id, self._previews.latest(job_id)) for job_id in (*running, *glimpse.stirred)]
        pictures: list[bytes] = []
        for job_id, preview in found:
            if preview is not None and preview.number > self._shown.get(job_id, 0):
                self._shown[job_id] = preview.number
                pictures.append(self._lines.preview(job_id, preview, with_data=True))
        return pictures


def live_of(one: LiveJob, caller: Caller, output: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return a job as it is streamed."""
    job, quality = one.job, one.job.quality
    return {
        **summary_of(job, caller),
        "rank": job.rank,
        "seq": one.seq,
        "steps": steps_of(one.progress),
        "eta": eta_of(one.eta),
        "output": output or [],
        "error": error_of(job),
        "metadata": dict(job.metadata) if len(_json(job.metadata)) <= LONGEST_METADATA else {},
        "passed": None if quality is None else quality["passed"],
    }


def steps_of(progress: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return how far a node is, of what an attempt last reported; None where nothing counts."""
    if "step" not in progress or "steps" not in progress:
        return None
    return {"value": progress["step"], "max": progress["steps"], "node": progress.get("class_type") or ""}


def _event(kind: str, data: str, *, moment: float) -> bytes:
    return f"id: {moment:.3f}\r\nevent: {kind}\r\ndata: {data}\r\n\r\n".encode()


def _json(data: object) -> str:
    return json.dumps(data, separators=(",", ":"))
