"""What one can ask about jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, bindparam, func, or_, select, type_coerce

from comfy_gen.errors import ArtifactNotFoundError, InvalidParameterError, JobNotFoundError
from comfy_gen.jobs.columns import pair_text, storable
from comfy_gen.jobs.job import ACTIVE, Artifact, JobState
from comfy_gen.jobs.records import News, Page
from comfy_gen.jobs.sql.acceptance import unpack
from comfy_gen.jobs.sql.rows import ARTIFACT, ATTEMPT, EVENT, JOB, artifact_of, attempt_of, event_of, fields_of, job_of
from comfy_gen.jobs.tables import artifacts, attempts, events, jobs, requests

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from comfy_gen.jobs.job import Attempt, Event, Job
    from comfy_gen.jobs.records import JobFilter
    from comfy_gen.jobs.request import JobRequest

_AFTER_ALL = "~"
"""Comes after every character of an id."""
_LONGEST_NUMBER = 18
_MOST_CANDIDATES = 6
_MOST_NEWS = 10_000
"""Events: a job has a few for each attempt, for its progress is told in the place of what was told before."""

# Made once: to make one of these takes longer than to answer it, and they are asked all the time.
_BY_ID = select(*JOB).where(jobs.c.job_id == bindparam("job_id"))
_STATE = select(jobs.c.state).where(jobs.c.job_id == bindparam("job_id"))
_BODY = select(requests.c.body).where(requests.c.job_id == bindparam("job_id"))
_EVENTS = (
    select(*EVENT)
    .where(events.c.job_id == bindparam("job_id"), events.c.number > bindparam("after"))
    .order_by(events.c.number)
    .limit(bindparam("limit"))
)

_ALL_ARTIFACTS = (
    select(*ARTIFACT).where(artifacts.c.job_id == bindparam("job_id")).order_by(artifacts.c.take, artifacts.c.place)
)
_ARTIFACTS = _ALL_ARTIFACTS.join(jobs, jobs.c.job_id == artifacts.c.job_id).where(artifacts.c.take == jobs.c.take)
_ARTIFACT = (
    select(*ARTIFACT, jobs.c.owner)
    .join(jobs, jobs.c.job_id == artifacts.c.job_id)
    .where(artifacts.c.artifact_id == bindparam("artifact_id"))
)


def get(connection: Connection, job_id: str) -> Job:
    """Return a job.

    Raises:
        JobNotFoundError: there is none.
    """
    row = connection.execute(_BY_ID, {"job_id": job_id}).one_or_none()
    if row is None:
        raise JobNotFoundError(job_id)
    return job_of(row)


def state(connection: Connection, job_id: str) -> JobState:
    """Return the state of a job.

    Raises:
        JobNotFoundError: there is none.
    """
    found = connection.execute(_STATE, {"job_id": job_id}).scalar_one_or_none()
    if found is None:
        raise JobNotFoundError(job_id)
    return JobState(found)


def find(connection: Connection, prefix: str) -> Job:
    """Return the job whose id begins so.

    Raises:
        JobNotFoundError: none does, or several do.
    """
    begin = prefix.strip().lower()
    begins_so = jobs.c.job_id >= begin, jobs.c.job_id < begin + _AFTER_ALL
    query = select(*JOB).where(*begins_so).order_by(jobs.c.job_id).limit(_MOST_CANDIDATES)
    found = [job_of(row) for row in connection.execute(query)] if begin else []
    if len(found) != 1:
        raise JobNotFoundError(prefix, [job.job_id for job in found])
    return found[0]


def request(connection: Connection, job_id: str) -> JobRequest:
    """Return what a job was asked to do.

    Raises:
        JobNotFoundError: there is no such job.
    """
    body = connection.execute(_BODY, {"job_id": job_id}).scalar_one_or_none()
    if body is None:
        raise JobNotFoundError(job_id)
    return unpack(body)


def page(connection: Connection, wanted: JobFilter, limit: int, cursor: str | None) -> Page:
    """Return some of the jobs, newest first.

    Raises:
        InvalidParameterError: the cursor is none of ours.
    """
    query = select(*JOB, jobs.c.seq).where(*_conditions(wanted)).order_by(jobs.c.seq.desc()).limit(limit + 1)
    before = None if cursor is None else _seq_of(cursor)
    found: list[tuple[Job, int]] = []
    while True:
        rows = connection.execute(query if before is None else query.where(jobs.c.seq < before)).all()
        # The database looks for labels in a text; where that has them deeper than they are meant, more is to be read.
        found += [(job, row.seq) for row in rows if wanted.has_labels(job := job_of(row))]
        if len(found) > limit or len(rows) <= limit:
            break
        before = rows[-1].seq
    shown = found[:limit]
    return Page([job for job, _ in shown], str(shown[-1][1]) if len(found) > limit else None)


def count(connection: Connection) -> dict[JobState, int]:
    """Return how many jobs are in each state."""
    rows = connection.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state))
    return dict.fromkeys(JobState, 0) | {JobState(state): number for state, number in rows}


def attempts_of(connection: Connection, job_id: str) -> list[Attempt]:
    """Return the attempts at a job, oldest first."""
    query = select(*ATTEMPT).where(attempts.c.job_id == job_id).order_by(attempts.c.number)
    return [attempt_of(row) for row in connection.execute(query)]


def events_of(connection: Connection, job_id: str, *, after: int, limit: int) -> list[Event]:
    """Return the events of a job with higher numbers than ``after``, oldest first."""
    wanted = {"job_id": job_id, "after": after, "limit": limit}
    return [event_of(row) for row in connection.execute(_EVENTS, wanted)]


def news(connection: Connection, job_id: str, *, after: int) -> News:
    """Return what happened to a job. The job is read first, so that no event that it counts is missing.

    Raises:
        JobNotFoundError: there is no such job.
    """
    job = get(connection, job_id)
    happened = events_of(connection, job_id, after=after, limit=_MOST_NEWS) if job.last_event > after else []
    return News(job, happened)


def artifacts_of(connection: Connection, job_id: str, *, every_take: bool = False) -> list[Artifact]:
    """Return the artifacts of a job, in their order: those that are its result, or all."""
    query = _ALL_ARTIFACTS if every_take else _ARTIFACTS
    return [artifact_of(row) for row in connection.execute(query, {"job_id": job_id})]


def artifact(connection: Connection, artifact_id: str) -> tuple[Artifact, str]:
    """Return an artifact, and who owns its job.

    Raises:
        ArtifactNotFoundError: there is none.
    """
    row = connection.execute(_ARTIFACT, {"artifact_id": artifact_id}).one_or_none()
    if row is None:
        raise ArtifactNotFoundError(artifact_id)
    values: dict[str, Any] = {**fields_of(row)}
    owner = values.pop("owner")
    return Artifact(**values), owner


def ended_after(connection: Connection, ended: float, job_id: str, limit: int) -> list[Job]:
    """Return the jobs that ended after a moment, or at it with a higher id; in the order in which they did."""
    is_later = or_(jobs.c.ended > ended, and_(jobs.c.ended == ended, jobs.c.job_id > job_id))
    query = select(*JOB).where(jobs.c.ended >= ended, is_later).order_by(jobs.c.ended, jobs.c.job_id)
    return [job_of(row) for row in connection.execute(query.limit(limit))]


def active(connection: Connection, worker: str | None) -> list[Job]:
    """Return the jobs that workers have, or one of them; oldest first."""
    query = select(*JOB).where(jobs.c.state.in_(sorted(ACTIVE))).order_by(jobs.c.seq)
    if worker is not None:
        query = query.where(jobs.c.worker == worker)
    return [job_of(row) for row in connection.execute(query)]


def wishes(connection: Connection, worker: str) -> list[Any]:
    """Return the jobs that a worker is to cancel."""
    is_wished = jobs.c.is_cancelling.is_(True), jobs.c.worker == worker  # the words of the index
    return [*connection.execute(select(jobs.c.job_id).where(*is_wished)).scalars()]


def durations(connection: Connection, likeness: str | None, engine: str | None, limit: int) -> list[float]:
    """Return how many seconds engines took for like jobs, or for any; newest first."""
    query = select(attempts.c.seconds).where(attempts.c.seconds.is_not(None))
    if likeness is not None:
        query = query.where(attempts.c.likeness == likeness)
    if engine is not None:
        query = query.where(attempts.c.engine == engine)
    return [*connection.execute(query.order_by(attempts.c.ended.desc()).limit(limit)).scalars()]


def _conditions(wanted: JobFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(jobs.c.state.in_(sorted(wanted.states)))
    if wanted.owner is not None:
        conditions.append(jobs.c.owner == wanted.owner)
    if wanted.text:
        text = storable(wanted.text.lower())
        in_title = func.lower(jobs.c.title).contains(text, autoescape=True)
        conditions.append(or_(in_title, jobs.c.job_id.startswith(text, autoescape=True)))
    if wanted.is_cancelling is not None:
        is_active = jobs.c.state.in_(sorted(ACTIVE))
        conditions.append(or_(~is_active, jobs.c.is_cancelling.is_(wanted.is_cancelling)))
    metadata = type_coerce(jobs.c.metadata, Text)
    conditions += [metadata.contains(pair_text(*pair), autoescape=True) for pair in wanted.labels.items()]
    return conditions


def _seq_of(cursor: str) -> int:
    # No more digits than any database's numbers have; int alone reads blanks, signs and other alphabets' digits.
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _LONGEST_NUMBER):
        raise InvalidParameterError("cursor", cursor[:50], "what the page before said comes next")
    return int(cursor)
