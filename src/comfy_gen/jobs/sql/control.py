"""What people do to jobs: cancel, hold, release, retry, reprioritise; each on one, on several or on all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, select, update
from sqlalchemy import delete as delete_from

from comfy_gen.errors import FavoriteKeptError, JobNotFoundError, JobStateError
from comfy_gen.jobs.job import ACTIVE, ENDS, LEAP, RETRIABLE, JobState, rank_of
from comfy_gen.jobs.signals import QUEUE, WISHES, end_of, topic_of
from comfy_gen.jobs.sql import announcements, generations
from comfy_gen.jobs.sql.claims import NEXT_EVENT
from comfy_gen.jobs.sql.line import Turns
from comfy_gen.jobs.sql.parts import parts
from comfy_gen.jobs.sql.rows import JOB, job_of
from comfy_gen.jobs.tables import jobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.records import Selection
    from comfy_gen.jobs.sql.change import Change
    from comfy_gen.jobs.sql.line import Room

WAITING = frozenset({JobState.QUEUED})
STOPPABLE = WAITING | ACTIVE
_COSTLY = frozenset({"delete", "retry"})
"""What the pictures that a job has made do not survive."""

_IS_QUEUED = jobs.c.state == JobState.QUEUED
_IS_ACTIVE = jobs.c.state.in_(sorted(ACTIVE))


def select_jobs(connection: Connection, selection: Selection, verb: str, allowed: frozenset[JobState]) -> list[JobId]:
    """Return the selected jobs that are in an allowed state, in the order in which they were accepted.

    Favorites are left out of what would cost their pictures.

    Raises:
        JobNotFoundError: a job that is named does not exist.
        JobStateError: the only one that is named is in another state.
        FavoriteKeptError: the only one that is named is a favorite.
    """
    found = _selected(connection, selection, verb, allowed)
    kept = _kept(connection, found) if verb in _COSTLY else set[str]()
    if kept and len(selection.job_ids) == 1:
        raise FavoriteKeptError(found[0])
    return [job_id for job_id in found if job_id not in kept]


def select_favorites(connection: Connection, selection: Selection, states: frozenset[JobState]) -> list[JobId]:
    """Return the favorites among the jobs that are named, or among the selected ones in these states."""
    found = _selected(connection, selection, "keep", frozenset(JobState) if selection.job_ids else states)
    kept = _kept(connection, found)
    return [job_id for job_id in found if job_id in kept]


def _kept(connection: Connection, job_ids: Sequence[str]) -> set[str]:
    return {job_id for some in parts(job_ids) for job_id in generations.kept(connection, some)}


def _selected(connection: Connection, selection: Selection, verb: str, allowed: frozenset[JobState]) -> list[JobId]:
    if selection.job_ids:
        return _named(connection, selection, verb, allowed)
    if not (selection.all or selection.states or selection.owner is not None or selection.ended_before is not None):
        return []
    states = allowed & set(selection.states) if selection.states else allowed
    where: list[ColumnElement[bool]] = [jobs.c.state.in_(sorted(states))]
    if selection.owner is not None:
        where.append(jobs.c.owner == selection.owner)
    if selection.ended_before is not None:
        where.append(jobs.c.ended < selection.ended_before)
    return [*connection.execute(select(jobs.c.job_id).where(*where).order_by(jobs.c.seq)).scalars()]


def cancel(change: Change, job_ids: Sequence[JobId], *, now: float) -> list[Job]:
    """Cancel those that wait; have their workers cancel those that are active."""
    ended = cancel_waiting(change, job_ids, now=now)
    asked = _update(change, job_ids, {"is_cancelling": True, **NEXT_EVENT}, _IS_ACTIVE, ~jobs.c.is_cancelling)
    change.record(asked, at=now, kind="note", text="it is to be cancelled")
    if asked:
        change.tell(WISHES)
    return [*ended, *asked]


def cancel_waiting(change: Change, job_ids: Sequence[JobId], *, now: float) -> list[Job]:
    """Cancel those of these jobs that wait."""
    end = {"state": JobState.CANCELLED, "line": None, "is_held": False, "is_cancelling": False, "ended": now}
    ended = _update(change, job_ids, {**end, **NEXT_EVENT}, _IS_QUEUED)
    if ended:
        change.dispatcher.withdraw(change.connection, [job.job_id for job in ended])
        change.tell(QUEUE, WISHES)
    change.record(ended, at=now)
    announcements.announce(change, ended, now=now)
    return ended


def hold(change: Change, job_ids: Sequence[JobId], *, now: float) -> list[Job]:
    """Take those that wait out of the line."""
    held = _update(change, job_ids, {"is_held": True, "line": None, **NEXT_EVENT}, _IS_QUEUED, ~jobs.c.is_held)
    if held:
        change.dispatcher.withdraw(change.connection, [job.job_id for job in held])
        change.tell(QUEUE, WISHES)
    change.record(held, at=now, kind="note", text="held")
    return held


def release(change: Change, job_ids: Sequence[JobId], *, now: float) -> list[Job]:
    """Put those that are held back into the line, at the place they had."""
    freed = _update(change, job_ids, {"is_held": False, "line": jobs.c.rank, **NEXT_EVENT}, _IS_QUEUED, jobs.c.is_held)
    change.record(freed, at=now, kind="note", text="released")
    _enqueue(change, freed)
    return freed


def retry(change: Change, room: Room, job_ids: Sequence[JobId], *, now: float) -> list[Job]:
    """Begin those that failed, were cancelled or gave only a part afresh, as if they had just been accepted.

    Raises:
        QueueFullError: too many jobs wait.
    """
    job_ids = _free(change.connection, job_ids)
    room.take(change.connection, len(job_ids))
    begun: list[Job] = []
    turns = Turns(change.connection)
    for job_id in job_ids:
        found = select(jobs.c.owner, jobs.c.priority).where(jobs.c.job_id == job_id)
        owner, priority = change.connection.execute(found).one()
        turn = turns.next(owner, priority)
        rank = rank_of(turn, priority)
        values = {**_afresh(now), "turn": turn, "rank": rank, "line": rank}
        begun += _update(change, [job_id], values, jobs.c.state.in_(sorted(RETRIABLE)))
    change.record(begun, at=now)
    _enqueue(change, begun)
    return begun


def reprioritise(change: Change, job_ids: Sequence[JobId], priority: int, *, now: float) -> list[Job]:
    """Give those that wait another priority; their turn stays."""
    rank = jobs.c.turn - LEAP * priority
    line = case((jobs.c.line.is_(None), None), else_=rank)
    moved = _update(change, job_ids, {"priority": priority, "rank": rank, "line": line, **NEXT_EVENT}, _IS_QUEUED)
    change.record(moved, at=now, kind="note", text=f"its priority is {priority} now")
    in_line = [(job.job_id, job.rank) for job in moved if not job.is_held]
    if in_line:
        change.dispatcher.reorder(change.connection, in_line)
        change.tell(QUEUE, WISHES)
    return moved


def delete(change: Change, job_ids: Sequence[JobId]) -> list[Job]:
    """Forget those that have ended, and all that belongs to them, unless they are favorites."""
    free = _free(change.connection, job_ids)
    statement = delete_from(jobs).where(jobs.c.job_id.in_(free), jobs.c.state.in_(sorted(ENDS))).returning(*JOB)
    gone = [job_of(row) for row in change.connection.execute(statement)]
    change.tell(*(topic(job.job_id) for job in gone for topic in (topic_of, end_of)))
    return gone


def let_go(change: Change, job_id: JobId) -> bool:
    """Take a job that has ended out of the library, so that it cannot become a favorite; False if it is one."""
    if not _free(change.connection, [job_id]):
        return False
    generations.forget(change.connection, job_id)
    return True


def _free(connection: Connection, job_ids: Sequence[JobId]) -> list[JobId]:
    """Return those of these jobs that are no favorites, and cannot become any before this transaction ends."""
    generations.lock(connection, job_ids)
    kept = generations.kept(connection, job_ids)
    return [job_id for job_id in job_ids if job_id not in kept]


def _named(connection: Connection, selection: Selection, verb: str, allowed: frozenset[JobState]) -> list[JobId]:
    rows = {
        row.job_id: row
        for some in parts(selection.job_ids)
        for row in connection.execute(select(jobs.c.job_id, jobs.c.state, jobs.c.owner).where(jobs.c.job_id.in_(some)))
    }
    missing = [job_id for job_id in selection.job_ids if job_id not in rows]
    if missing:
        raise JobNotFoundError(missing[0])
    states = set(selection.states) or set(JobState)
    fitting = [row for row in rows.values() if row.state in states and selection.owner in {None, row.owner}]
    if len(selection.job_ids) == 1:
        for row in fitting:
            if row.state not in allowed:
                raise JobStateError(row.job_id, row.state, verb, [state for state in JobState if state in allowed])
    return [row.job_id for row in fitting if row.state in allowed]


def _update(change: Change, job_ids: Sequence[str], values: dict[str, Any], *where: ColumnElement[bool]) -> list[Job]:
    """Change those of these jobs that fit, and return them in the given order."""
    statement = update(jobs).where(jobs.c.job_id.in_(job_ids), *where).values(values).returning(*JOB)
    order = {job_id: place for place, job_id in enumerate(job_ids)}
    found = [job_of(row) for row in change.connection.execute(statement)]
    return sorted(found, key=lambda job: order[job.job_id])


def _afresh(now: float) -> dict[str, Any]:
    return {
        "state": JobState.QUEUED,
        "run": jobs.c.run + 1,
        "strikes": 0,
        "avoided": [],
        "failure": None,
        "is_held": False,
        "is_cancelling": False,
        "queued": now,
        "started": None,
        "ended": None,
        "not_before": 0.0,
        "engine": None,
        "prompt_id": None,
        "worker": None,
        "progress": None,
        "timings": {},
        "notes": [],
        "history": None,
        "is_forgotten": False,
        **NEXT_EVENT,
    }


def _enqueue(change: Change, begun: Sequence[Job]) -> None:
    if begun:
        change.dispatcher.enqueue(change.connection, [(job.job_id, job.rank) for job in begun])
        change.tell(QUEUE)
