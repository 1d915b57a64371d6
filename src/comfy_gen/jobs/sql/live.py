"""Reads many jobs at once for those who watch all of them: a few queries, however many jobs there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select

from comfy_gen.jobs.history import History
from comfy_gen.jobs.job import ACTIVE, ENDS
from comfy_gen.jobs.live import MOST_SEEN, Difference, LiveJob, Sight, Standing, Surroundings, Version
from comfy_gen.jobs.sql.parts import parts
from comfy_gen.jobs.sql.queries import durations
from comfy_gen.jobs.sql.roster import all_engines
from comfy_gen.jobs.sql.rows import ARTIFACT, JOB, artifact_of, job_of
from comfy_gen.jobs.sql.switches import is_paused
from comfy_gen.jobs.tables import artifacts, attempts, events, jobs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Artifact

    AnySelect = Select[*tuple[Any, ...]]

_MOST_NEW = 5_000
_MOST_SAMPLES = 100

_IS_IN_LINE = jobs.c.line.is_not(None)
_IS_HELD = jobs.c.is_held.is_(True)
_IS_ACTIVE = jobs.c.state.in_(sorted(ACTIVE))


def see(connection: Connection, owner: str | None, since: float, most: int = MOST_SEEN) -> Sight:
    """Return what has not ended, and what ended since; an owner's, or everybody's."""
    rows: dict[str, Any] = {}
    is_whole = True
    for query in _views(select(*JOB, jobs.c.seq), owner, since, most):
        found = connection.execute(query).all()
        is_whole = is_whole and len(found) <= most
        rows |= {row.job_id: row for row in found[:most]}
    for row in connection.execute(_owned(select(*JOB, jobs.c.seq).where(_IS_ACTIVE), owner)):
        rows[row.job_id] = row
    return Sight(_dressed(connection, rows.values()), is_paused(connection), is_whole)


def suspects(connection: Connection, known: Mapping[JobId, Version], since: float, *, is_all: bool) -> list[JobId]:
    """Return the newest jobs that are not as they are known to be, or are not known; or all such jobs.

    All are those that `see` would show of everybody's, the newest, and those that are known.
    """
    versions = select(jobs.c.job_id, jobs.c.seq, jobs.c.last_event, jobs.c.rank)
    highest = max((version.seq for version in known.values()), default=0)
    # Another process may have committed a lower number a moment after a higher one.
    queries = [versions.where(jobs.c.seq > highest - MOST_SEEN).order_by(jobs.c.seq.desc()).limit(_MOST_NEW)]
    if is_all:
        queries += [*_views(versions, None, since, MOST_SEEN), versions.where(_IS_ACTIVE)]
    found = {row[0]: Version(*row[1:]) for query in queries for row in connection.execute(query)}
    others = [job_id for job_id in known if job_id not in found] if is_all else []
    found |= {row[0]: Version(*row[1:]) for row in rows_among(connection, versions, jobs.c.job_id, others)}
    changed = [job_id for job_id, version in found.items() if known.get(job_id) != version]
    return [*changed, *(job_id for job_id in others if job_id not in found)]


def look(connection: Connection, job_ids: Sequence[JobId]) -> Difference:
    """Return how these jobs are, and which of them are not there any more."""
    rows = rows_among(connection, select(*JOB, jobs.c.seq), jobs.c.job_id, job_ids)
    found = {row.job_id for row in rows}
    gone = [job_id for job_id in job_ids if job_id not in found]
    return Difference(_dressed(connection, rows), gone, is_paused(connection))


def standing(connection: Connection, owner: str, since: float) -> Standing:
    """Return where an owner's jobs are: those that have not ended, and the last that did since."""
    columns = select(jobs.c.job_id)
    ended = columns.where(jobs.c.ended >= since).order_by(jobs.c.ended.desc()).limit(MOST_SEEN)
    queries = (columns.where(_IS_IN_LINE), columns.where(_IS_HELD), columns.where(_IS_ACTIVE), ended)
    line, held, active, over = [frozenset(connection.scalars(_owned(query, owner))) for query in queries]
    return Standing(line | held, active, over)


def histories(connection: Connection, job_ids: Sequence[JobId]) -> dict[JobId, History]:
    """Return what engines said of these jobs, of those of which it is kept."""
    found = rows_among(connection, select(jobs.c.job_id, jobs.c.history), jobs.c.job_id, job_ids)
    return {row.job_id: History.from_json(row.history) for row in found if row.history is not None}


def surroundings(connection: Connection, kinds: Sequence[str]) -> Surroundings:
    """Return what is around jobs: the first of the line, and how long these kinds take."""
    newest = and_(attempts.c.job_id == jobs.c.job_id, attempts.c.number == jobs.c.attempt)
    underway = select(jobs.c.engine, jobs.c.likeness, attempts.c.started).join(attempts, newest).where(_IS_ACTIVE)
    line = select(jobs.c.job_id).where(_IS_IN_LINE).order_by(jobs.c.line, jobs.c.seq).limit(MOST_SEEN)
    return Surroundings(
        engines=[entry.name for entry in all_engines(connection) if not entry.is_draining],
        underway=[(row[0], row[1], row[2]) for row in connection.execute(underway)],
        positions={job_id: place for place, job_id in enumerate(connection.scalars(line), start=1)},
        typical=durations(connection, None, None, _MOST_SAMPLES),
        durations={kind: durations(connection, kind, None, _MOST_SAMPLES) for kind in kinds},
    )


def _views(columns: AnySelect, owner: str | None, since: float, most: int) -> list[AnySelect]:
    """Return what shows the line, what is held, and what ended: one more than shall be seen of each."""
    line = columns.where(_IS_IN_LINE).order_by(jobs.c.line, jobs.c.seq)
    held = columns.where(_IS_HELD).order_by(jobs.c.rank, jobs.c.seq)
    ended = columns.where(jobs.c.ended >= since).order_by(jobs.c.ended.desc())
    return [_owned(query, owner).limit(most + 1) for query in (line, held, ended)]


def _owned(query: AnySelect, owner: str | None) -> AnySelect:
    return query if owner is None else query.where(jobs.c.owner == owner)


def _dressed(connection: Connection, rows: Iterable[Any]) -> list[LiveJob]:
    """Return the jobs of rows with what else is to be seen of them."""
    found = [(job_of(row), row.seq) for row in rows]
    active = [job.job_id for job, _ in found if job.state in ACTIVE]
    began, progress = _began(connection, active), progress_among(connection, active)
    files = artifacts_among(connection, [job.job_id for job, _ in found if job.state in ENDS])
    return [
        LiveJob(
            job,
            seq,
            began.get(job.job_id),
            data if (data := progress.get(job.job_id, {})).get("attempt") == job.attempt else {},
            files.get(job.job_id, ()),
        )
        for job, seq in found
    ]


def _began(connection: Connection, job_ids: Sequence[JobId]) -> dict[JobId, float]:
    newest = and_(attempts.c.job_id == jobs.c.job_id, attempts.c.number == jobs.c.attempt)
    query = select(jobs.c.job_id, attempts.c.started).join(attempts, newest)
    return {row[0]: row[1] for row in rows_among(connection, query, jobs.c.job_id, job_ids)}


def progress_among(connection: Connection, job_ids: Sequence[JobId]) -> dict[JobId, Mapping[str, Any]]:
    """Return what attempts at these jobs last reported."""
    query = select(events.c.job_id, events.c.data).where(events.c.type == "progress").order_by(events.c.number)
    return {row[0]: row[1] for row in rows_among(connection, query, events.c.job_id, job_ids)}


def artifacts_among(connection: Connection, job_ids: Sequence[JobId]) -> dict[JobId, list[Artifact]]:
    """Return the artifacts that are the results of these jobs, in their order."""
    chosen = and_(jobs.c.job_id == artifacts.c.job_id, jobs.c.take == artifacts.c.take)
    query = select(*ARTIFACT).join(jobs, chosen).order_by(artifacts.c.place)
    found: dict[JobId, list[Artifact]] = {}
    for row in rows_among(connection, query, artifacts.c.job_id, job_ids):
        found.setdefault(row.job_id, []).append(artifact_of(row))
    return found


def rows_among(
    connection: Connection, query: AnySelect, column: ColumnElement[Any], job_ids: Sequence[str]
) -> list[Any]:
    """Return the rows whose column has one of these ids."""
    return [row for some in parts(job_ids) for row in connection.execute(query.where(column.in_(some)))]
