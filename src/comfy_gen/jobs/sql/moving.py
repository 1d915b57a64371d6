"""Moves jobs that wait to other places in the line."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import func, literal, select, tuple_, update

from comfy_gen.errors import JobNotFoundError, JobStateError
from comfy_gen.jobs.job import LEAP, JobState
from comfy_gen.jobs.signals import LINE, QUEUE, WISHES
from comfy_gen.jobs.spacing import Spot, make_room
from comfy_gen.jobs.sql.claims import NEXT_EVENT
from comfy_gen.jobs.sql.parts import parts
from comfy_gen.jobs.sql.rows import JOB, job_of
from comfy_gen.jobs.tables import jobs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection

    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.moving import Place
    from comfy_gen.jobs.spacing import Room, Shift
    from comfy_gen.jobs.sql.change import Change

_LOCK = 7_203_114_524
"""PostgreSQL's advisory lock, held by whoever moves jobs: two at once would make room at the same place."""
_AT_ONCE = 200
_IS_IN_LINE = jobs.c.line.is_not(None)
_IS_HELD = jobs.c.is_held.is_(True)
_LINE_SPOT = (jobs.c.line, jobs.c.seq, jobs.c.job_id, jobs.c.is_held)
_HELD_SPOT = (jobs.c.rank, jobs.c.seq, jobs.c.job_id, jobs.c.is_held)


def move(change: Change, job_id: str, place: Place, owner: str | None, *, now: float) -> Job:
    """Put a job that waits, held or not, at a place of the line, and return it. All others keep their order.

    Raises:
        JobNotFoundError: there is no such job, or none that it is to be put next to.
        JobStateError: one of them does not wait.
    """
    connection = change.connection
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    spot = _spot(connection, job_id)
    anchor = _anchor(connection, spot, place, owner)
    if anchor is None:
        return _get(connection, job_id)
    before, after = (
        _without(spot, _walk(connection, anchor, is_up=is_up, with_anchor=is_up is not place.is_after))
        for is_up in (False, True)
    )
    return _carry_out(change, spot, make_room(before, after, is_after=place.is_after), now=now)


def _carry_out(change: Change, spot: Spot, room: Room, *, now: float) -> Job:
    connection = change.connection
    _shift(connection, room.shifts)
    turn, line = _turn(connection, spot, room.rank), None if spot.is_held else room.rank
    put = update(jobs).where(jobs.c.seq == spot.seq, jobs.c.state == JobState.QUEUED)
    put = put.values(rank=room.rank, turn=turn, line=line, **NEXT_EVENT).returning(*JOB)
    row = connection.execute(put).one_or_none()
    if row is None:  # a worker was faster
        _refuse(connection, spot.job_id)
    job = job_of(row)
    change.record([job], at=now, kind="note", text="moved")
    moved = [(one.spot.job_id, one.spot.rank + one.by) for one in room.shifts if not one.spot.is_held]
    change.dispatcher.reorder(connection, [*moved, *([] if spot.is_held else [(job.job_id, job.rank)])])
    change.tell(QUEUE, WISHES, *([LINE] if room.shifts else []))
    return job


def _shift(connection: Connection, shifts: Sequence[Shift]) -> None:
    for by in {one.by for one in shifts}:
        # What is not in the line has NULL there, which stays NULL. A turn only grows: it says what comes after it.
        values = {"rank": jobs.c.rank + by, "line": jobs.c.line + by, "turn": jobs.c.turn + max(by, 0)}
        for some in parts([one.spot.seq for one in shifts if one.by == by]):
            connection.execute(update(jobs).where(jobs.c.seq.in_(some)).values(values))


def _turn(connection: Connection, spot: Spot, rank: int) -> int:
    """Return the turn of a job that gets this rank: so that its owner's next one comes after it, and no later.

    Were it all that the rank is worth, an urgent job that somebody put last would have everybody's next ones be late.
    """
    found = select(jobs.c.turn, jobs.c.owner, jobs.c.priority).where(jobs.c.seq == spot.seq)
    turn, owner, priority = connection.execute(found).one()
    alike = jobs.c.owner == owner, jobs.c.priority == priority, _IS_IN_LINE
    last = connection.execute(select(func.max(jobs.c.turn)).where(*alike)).scalar_one()
    return max(turn, min(rank + LEAP * priority, (turn if last is None else last) + 1))


def _spot(connection: Connection, job_id: str) -> Spot:
    row = connection.execute(
        select(*_HELD_SPOT).where(jobs.c.job_id == job_id, jobs.c.state == JobState.QUEUED)
    ).one_or_none()
    if row is None:
        _refuse(connection, job_id)
    return Spot(*row)


def _refuse(connection: Connection, job_id: str) -> NoReturn:
    job = _get(connection, job_id)
    raise JobStateError(job_id, job.state, "move", [JobState.QUEUED])


def _get(connection: Connection, job_id: str) -> Job:
    row = connection.execute(select(*JOB).where(jobs.c.job_id == job_id)).one_or_none()
    if row is None:
        raise JobNotFoundError(job_id)
    return job_of(row)


def _anchor(connection: Connection, spot: Spot, place: Place, owner: str | None) -> Spot | None:
    """Return the one next to which a job is to be; None where it is there already."""
    if place.job_id is not None:
        anchor = _spot(connection, place.job_id)
        nearest = next(_walk(connection, spot, is_up=not place.is_after), None)
        return None if anchor in {spot, nearest} else anchor
    anchor = _end(connection, owner, is_last=place.is_after)
    return None if anchor == spot else anchor


def _end(connection: Connection, owner: str | None, *, is_last: bool) -> Spot | None:
    """Return the first or the last that waits, of an owner's jobs or of everybody's."""
    where = () if owner is None else (jobs.c.owner == owner,)
    found: list[Spot] = []
    for columns, condition in ((_LINE_SPOT, _IS_IN_LINE), (_HELD_SPOT, _IS_HELD)):
        query = select(*columns).where(condition, *where).order_by(*_sorted(columns, is_up=not is_last)).limit(1)
        found += [Spot(*row) for row in connection.execute(query)]
    return next(iter(sorted(found, reverse=is_last)), None)


def _without(spot: Spot, spots: Iterator[Spot]) -> Iterator[Spot]:
    return (one for one in spots if one.seq != spot.seq)


def _walk(connection: Connection, start: Spot, *, is_up: bool, with_anchor: bool = False) -> Iterator[Spot]:
    """Yield those that wait after a spot, or before it, the nearest first; no further than somebody asks."""
    if with_anchor:
        yield start
    in_line = _walk_along(connection, start, _LINE_SPOT, _IS_IN_LINE, is_up=is_up)
    held = _walk_along(connection, start, _HELD_SPOT, _IS_HELD, is_up=is_up)
    yield from heapq.merge(in_line, held, reverse=not is_up)


def _walk_along(
    connection: Connection, start: Spot, columns: Sequence[Any], condition: ColumnElement[bool], *, is_up: bool
) -> Iterator[Spot]:
    here, beyond = tuple_(*columns[:2]), select(*columns).where(condition).order_by(*_sorted(columns, is_up=is_up))
    while True:
        at = tuple_(literal(start.rank), literal(start.seq))
        found = connection.execute(beyond.where(here > at if is_up else here < at).limit(_AT_ONCE)).all()
        yield from (Spot(*row) for row in found)
        if len(found) < _AT_ONCE:
            return
        start = Spot(*found[-1])


def _sorted(columns: Sequence[Any], *, is_up: bool) -> list[ColumnElement[Any]]:
    return [column.asc() if is_up else column.desc() for column in columns[:2]]
