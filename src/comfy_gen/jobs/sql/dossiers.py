"""Reads jobs with all that is kept of them: a few queries, however many jobs there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, func, or_, select, type_coerce, update

from comfy_gen.jobs.columns import pair_text
from comfy_gen.jobs.dossier import Dossier, Waiter
from comfy_gen.jobs.history import History
from comfy_gen.jobs.job import ACTIVE, ENDS, JobState
from comfy_gen.jobs.sql.acceptance import unpack
from comfy_gen.jobs.sql.live import artifacts_among, progress_among, rows_among
from comfy_gen.jobs.sql.parts import parts
from comfy_gen.jobs.sql.rows import JOB, job_of
from comfy_gen.jobs.tables import jobs, requests

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

    from comfy_gen.jobs.dossier import Search
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.sql.change import Change

    AnySelect = Select[*tuple[Any, ...]]

_WHOLE = select(*JOB, jobs.c.seq, jobs.c.history, jobs.c.is_forgotten)
_IS_ACTIVE = jobs.c.state.in_(sorted(ACTIVE))
_IS_QUEUED = jobs.c.state == JobState.QUEUED
_HAS_ENDED = jobs.c.ended.is_not(None)
_IS_PAST = and_(
    _HAS_ENDED,
    jobs.c.is_forgotten.is_(False),
    or_(jobs.c.state != JobState.CANCELLED, jobs.c.history.is_not(None)),
)
"""As `Dossier.is_past` has it."""
_SORTS = {"created": jobs.c.seq, "duration": func.coalesce(jobs.c.ended - jobs.c.started, 0.0)}


def get(connection: Connection, job_id: str) -> Dossier | None:
    """Return a job; None if there is none."""
    return next(iter(_dossiers(connection, _WHOLE.where(jobs.c.job_id == job_id))), None)


def active(connection: Connection, owner: str | None, limit: int) -> list[Dossier]:
    """Return jobs that workers have, oldest first."""
    return _dossiers(connection, _WHOLE.where(_IS_ACTIVE, *_of(owner)).order_by(jobs.c.seq).limit(limit))


def waiting(connection: Connection, owner: str | None, limit: int) -> list[Dossier]:
    """Return the first of the jobs that wait, in their order."""
    query = _WHOLE.where(_IS_QUEUED, *_of(owner)).order_by(jobs.c.rank, jobs.c.seq)
    return _dossiers(connection, query.limit(limit))


def past(connection: Connection, owner: str | None, offset: int | None, limit: int) -> list[Dossier]:
    """Return a part of the history, in the order in which jobs ended."""
    query = _WHOLE.where(_IS_PAST, *_of(owner)).limit(limit)
    if offset is not None:
        return _dossiers(connection, query.order_by(jobs.c.ended, jobs.c.seq).offset(offset))
    return _dossiers(connection, query.order_by(jobs.c.ended.desc(), jobs.c.seq.desc()))[::-1]


def search(connection: Connection, owner: str | None, search: Search) -> tuple[list[Dossier], int]:
    """Return a part of the jobs that are looked for, and how many there are in all."""
    metadata = type_coerce(jobs.c.metadata, Text)
    labels = [metadata.contains(pair_text(*pair), autoescape=True) for pair in search.labels.items()]
    where = [_is_looked_for(search), or_(~_HAS_ENDED, _IS_PAST), *_of(owner), *labels]
    count = connection.execute(select(func.count()).select_from(jobs).where(*where)).scalar_one()
    sort = [_SORTS[search.by], jobs.c.seq]
    query = _WHOLE.where(*where).order_by(*(one.asc() if search.is_ascending else one.desc() for one in sort))
    return _dossiers(connection, query.offset(search.offset).limit(search.limit)), count


def remaining(connection: Connection, owner: str | None) -> int:
    """Return how many jobs wait or run."""
    goes_on = jobs.c.state.in_(sorted(set(JobState) - ENDS))
    return connection.execute(select(func.count()).select_from(jobs).where(goes_on, *_of(owner))).scalar_one()


def waiters(connection: Connection, owner: str) -> list[Waiter]:
    """Return all of an owner's jobs that wait, in their order."""
    query = select(jobs.c.job_id, jobs.c.seq, jobs.c.metadata).where(_IS_QUEUED, *_of(owner))
    return [Waiter(*row) for row in connection.execute(query.order_by(jobs.c.rank, jobs.c.seq))]


def seq(connection: Connection, job_id: str) -> int:
    """Return the number of a job; 0 for one that is gone."""
    return connection.execute(select(jobs.c.seq).where(jobs.c.job_id == job_id)).scalar() or 0


def among(
    connection: Connection, owner: str | None, job_ids: Collection[str], states: Collection[JobState]
) -> list[JobId]:
    """Return those of these ids whose jobs are in one of these states."""
    query = select(jobs.c.job_id).where(jobs.c.state.in_(sorted(states)), *_of(owner))
    return [row.job_id for row in rows_among(connection, query, jobs.c.job_id, [*job_ids])]


def forget(change: Change, owner: str | None, job_ids: Collection[str] | None) -> None:
    """Have the history show these jobs no more, or none of those that are in it now."""
    hide = update(jobs).where(_IS_PAST, *_of(owner)).values(is_forgotten=True)
    if job_ids is None:
        change.connection.execute(hide)
        return
    for some in parts([*job_ids]):
        change.connection.execute(hide.where(jobs.c.job_id.in_(some)))


def _is_looked_for(search: Search) -> ColumnElement[bool]:
    has_state = jobs.c.state.in_(sorted(search.states))
    return and_(or_(has_state, jobs.c.job_id.in_(search.also)), jobs.c.job_id.not_in(search.but))


def _of(owner: str | None) -> Sequence[ColumnElement[bool]]:
    return () if owner is None else (jobs.c.owner == owner,)


def _dossiers(connection: Connection, query: AnySelect) -> list[Dossier]:
    found = [(job_of(row), row) for row in connection.execute(query)]
    asked = select(requests.c.job_id, requests.c.body)
    bodies = rows_among(connection, asked, requests.c.job_id, [job.job_id for job, _ in found])
    requested = {row.job_id: unpack(row.body) for row in bodies}
    files = artifacts_among(connection, [job.job_id for job, _ in found if job.state in ENDS])
    reports = progress_among(connection, [job.job_id for job, _ in found if job.state in ACTIVE])
    return [
        Dossier(
            job,
            row.seq,
            requested[job.job_id],
            None if row.history is None else History.from_json(row.history),
            files.get(job.job_id, ()),
            row.is_forgotten,
            _has_begun(job, reports.get(job.job_id, {})),
        )
        for job, row in found
        if job.job_id in requested
    ]


def _has_begun(job: Job, report: Mapping[str, Any]) -> bool:
    """Tell it by the last report: while a job waits on its engine, that says how many are ahead of it.

    The report may be of an attempt whose worker is gone: the next one follows the very same prompt. A job that waits
    again has no progress any more.
    """
    is_reported = job.progress is not None and "ahead" not in report
    return job.state is JobState.POSTPROCESSING or (job.state.is_active and is_reported)
