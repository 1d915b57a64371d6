"""Accepts requests: each becomes a job, or turns out to be one already."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, tuple_

from comfy_gen.engines.need import likeness_of, need_of
from comfy_gen.errors import IdempotencyConflictError
from comfy_gen.jobs.ids import new_job_id
from comfy_gen.jobs.job import Job, JobState, rank_of
from comfy_gen.jobs.records import Accepted
from comfy_gen.jobs.request import JobRequest, check_request
from comfy_gen.jobs.signals import QUEUE
from comfy_gen.jobs.sql.line import Turns
from comfy_gen.jobs.sql.parts import parts
from comfy_gen.jobs.sql.rows import JOB, job_of
from comfy_gen.jobs.tables import events, jobs, requests
from comfy_gen.validation.takes import summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.sql.change import Change
    from comfy_gen.jobs.sql.line import Room


OwnersKey = tuple[str, str]
"""An owner and an idempotency key of theirs."""

_ADD, _ADD_REQUESTS, _ADD_EVENTS = insert(jobs), insert(requests), insert(events)
_SAME_NAMES = {column.name for column in JOB} - {"webhook", "avoided", "notes"}
"""What a row and a job call alike, and have alike."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request with all that can be said of it without the database."""

    request: JobRequest
    job_id: JobId
    digest: str
    body: bytes = field(repr=False)
    need: Any
    likeness: str
    now: float
    """When it came."""

    @property
    def key(self) -> OwnersKey | None:
        """Its idempotency key with its owner, to whom the key belongs."""
        key = self.request.idempotency_key
        return None if key is None else (self.request.owner, key)


def prepare(request: JobRequest, *, now: float) -> Prepared:
    """Check a request, and say all that can be said of it without the database.

    Raises:
        InvalidParameterError: a value of it is outside what can work.
        WorkflowFormatError: its workflow is no graph in API format.
    """
    check_request(request)
    return Prepared(
        request,
        request.job_id or new_job_id(),
        request.digest,
        pack(request),
        need_of(request.workflow, request.tags, request.targets).as_json(),
        likeness_of(request.workflow),
        now,
    )


def pack(request: JobRequest) -> bytes:
    """Return the request as it is kept: workflows are JSON that says the same again and again."""
    return zlib.compress(json.dumps(request.as_json(), separators=(",", ":")).encode(), level=1)


def unpack(body: bytes) -> JobRequest:
    """Return what `pack` made this of."""
    return JobRequest.from_json(json.loads(zlib.decompress(body)))


def accept(change: Change, room: Room, batch: Sequence[Prepared]) -> list[Accepted]:
    """Make jobs of requests, all or none.

    Raises:
        IdempotencyConflictError: a key or an id was used before for something else.
        QueueFullError: too many jobs wait.
    """
    there = _Known(
        change.connection,
        ids=[one.job_id for one in batch if one.request.job_id is not None],
        keys=[key for one in batch if (key := one.key) is not None],
    )
    turns = Turns(change.connection)
    rows: list[dict[str, Any]] = []
    accepted: list[Accepted] = []
    fresh: list[Prepared] = []
    for one in batch:
        job = there.find(one.job_id, one.key, one.digest)
        is_replay = job is not None
        if job is None:
            row = _row(one, turns.next(one.request.owner, one.request.priority))
            job = _job(row)
            rows.append(row)
            fresh.append(one)
            there.add(one, job)
        accepted.append(Accepted(job, is_replay))
    if fresh:
        room.take(change.connection, len(fresh))
        _insert(change, fresh, rows)
    return accepted


def known(connection: Connection, *, owner: str, key: str | None, job_id: str | None, digest: str) -> Job | None:
    """Return the job that was accepted before under this key or id.

    Raises:
        IdempotencyConflictError: something else was accepted under it.
    """
    named = None if key is None else (owner, key)
    there = _Known(connection, ids=[job_id] if job_id else [], keys=[named] if named else [])
    return there.find(job_id, named, digest)


class _Known:
    """The jobs that have an id or a key of some requests: those in the database, and those made of them meanwhile."""

    def __init__(self, connection: Connection, *, ids: Sequence[str], keys: Sequence[OwnersKey]) -> None:
        self._jobs: dict[object, tuple[Job, str]] = {}
        for some in parts(ids):
            self._look_up(connection, jobs.c.job_id.in_(some))
        for some in parts(keys):
            self._look_up(connection, tuple_(jobs.c.owner, jobs.c.idempotency_key).in_(some))

    def find(self, job_id: str | None, key: OwnersKey | None, digest: str) -> Job | None:
        """Return the job that has this id or key already.

        Raises:
            IdempotencyConflictError: it is something else that has it.
        """
        for name in filter(None, (key, job_id)):
            job, asked = self._jobs.get(name, (None, ""))
            if job is not None and asked != digest:
                raise IdempotencyConflictError(key[1] if key else job.job_id, job.job_id)
            if job is not None:
                return job
        return None

    def add(self, one: Prepared, job: Job) -> None:
        """Take in a job that is made of this batch."""
        self._jobs[one.job_id] = job, one.digest
        if one.key is not None:
            self._jobs[one.key] = job, one.digest

    def _look_up(self, connection: Connection, where: ColumnElement[bool]) -> None:
        for row in connection.execute(select(*JOB, jobs.c.idempotency_key, jobs.c.digest).where(where)):
            self._jobs[row.job_id] = self._jobs[row.owner, row.idempotency_key] = job_of(row), row.digest


def _insert(change: Change, fresh: Sequence[Prepared], rows: Sequence[dict[str, Any]]) -> None:
    change.connection.execute(_ADD, rows)
    change.connection.execute(_ADD_REQUESTS, [{"job_id": one.job_id, "body": one.body} for one in fresh])
    first = {"number": 1, "type": "state", "data": {"state": JobState.QUEUED, "attempt": 0}}
    change.connection.execute(_ADD_EVENTS, [{"job_id": one.job_id, "at": one.now, **first} for one in fresh])
    change.dispatcher.enqueue(change.connection, [(row["job_id"], row["rank"]) for row in rows])
    change.tell(QUEUE)


def _row(one: Prepared, turn: int) -> dict[str, Any]:
    request = one.request
    rank = rank_of(turn, request.priority)
    return {
        "job_id": one.job_id,
        "state": JobState.QUEUED,
        "owner": request.owner,
        "priority": request.priority,
        "turn": turn,
        "rank": rank,
        "line": rank,
        "title": request.title,
        "likeness": one.likeness,
        "need": one.need,
        "attempt": 0,
        "run": 1,
        "strikes": 0,
        "is_held": False,
        "is_cancelling": False,
        "created": one.now,
        "queued": one.now,
        "not_before": 0.0,
        "avoided": [],
        "metadata": dict(request.metadata),
        "webhook": request.webhook and request.webhook.as_json(),
        "last_event": 1,
        "timings": {},
        "notes": [],
        "quality": None if request.quality is None else summary(()),
        "take": 1,
        "idempotency_key": request.idempotency_key,
        "digest": one.digest,
    }


def _job(row: dict[str, Any]) -> Job:
    webhook = row["webhook"]
    return Job(webhook_url=webhook and webhook["url"], **{name: row[name] for name in _SAME_NAMES & row.keys()})
