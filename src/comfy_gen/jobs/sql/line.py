"""The line of the jobs that wait: who is where in it, and whether it has room for more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from comfy_gen.errors import JobNotFoundError, QueueFullError
from comfy_gen.jobs.job import JobState, turn_of
from comfy_gen.jobs.sql.parts import parts
from comfy_gen.jobs.sql.rows import WAITING, waiting_of
from comfy_gen.jobs.tables import jobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from comfy_gen.jobs.records import Waiting

_CAREFUL = 8
"""So many processes may accept jobs for one database at a time without overfilling it."""

_IS_IN_LINE = jobs.c.line.is_not(None)
# Made once, for every job needs them.
_CLOCK = select(func.max(jobs.c.turn)).where(jobs.c.started.is_not(None))
_LAST = select(func.max(jobs.c.turn)).where(
    jobs.c.owner == bindparam("owner"), jobs.c.priority == bindparam("priority"), _IS_IN_LINE
)

_WAITING = select(*WAITING).where(jobs.c.job_id == bindparam("job_id"), _IS_IN_LINE)


class Room:
    """Counts how many more jobs may wait, without counting them each time. For the thread that writes only."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._granted = 0

    def take(self, connection: Connection, wanted: int) -> None:
        """Take room for some more jobs.

        Raises:
            QueueFullError: there is not enough.
        """
        if wanted > self._granted:
            waiting = _count_waiting(connection)
            if waiting + wanted > self._limit:
                raise QueueFullError(waiting, self._limit)
            # Jobs that leave only make more room; those that others accept meanwhile are what the care is for.
            self._granted = max((self._limit - waiting) // _CAREFUL, wanted)
        self._granted -= wanted


class Turns:
    """Gives out turns in one transaction; looks each owner up once, however many jobs come."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._clock = 0
        self._last: dict[tuple[str, int], int | None] = {}

    def next(self, owner: str, priority: int) -> int:
        """Return the turn of one more job."""
        clock = self._clock = self._clock or self._connection.execute(_CLOCK).scalar_one() or 0
        key = owner, priority
        if key not in self._last:
            self._last[key] = self._connection.execute(_LAST, {"owner": owner, "priority": priority}).scalar_one()
        turn = self._last[key] = turn_of(clock, self._last[key])
        return turn


def position(connection: Connection, job_id: str) -> int | None:
    """Return a job's place, 1 for the next; None for one that is not in the line.

    Raises:
        JobNotFoundError: there is no such job.
    """
    row = connection.execute(select(jobs.c.line, jobs.c.seq).where(jobs.c.job_id == job_id)).one_or_none()
    if row is None:
        raise JobNotFoundError(job_id)
    line, seq = row
    if line is None:
        return None
    count = select(func.count()).select_from(jobs)
    # Two counts that each read the index of the line alone; with OR, SQLite would read the table.
    before = count.where(jobs.c.line < line).scalar_subquery()
    beside = count.where(jobs.c.line == line, jobs.c.seq < seq).scalar_subquery()
    return 1 + connection.execute(select(before + beside)).scalar_one()


def window(connection: Connection, limit: int, *, now: float) -> list[Waiting]:
    """Return the first in the line; those that are not to start yet come after all others."""
    found = _first(connection, limit, jobs.c.not_before <= now)
    if len(found) < limit:
        found += _first(connection, limit - len(found), jobs.c.not_before > now)
    return found


def waiting(connection: Connection, job_ids: Sequence[str]) -> list[Waiting]:
    """Return those of these jobs that are in the line, in their order there."""
    if len(job_ids) == 1:
        return [waiting_of(row) for row in connection.execute(_WAITING, {"job_id": job_ids[0]})]
    rows = [
        row
        for some in parts(job_ids)
        for row in connection.execute(select(*WAITING, jobs.c.seq).where(jobs.c.job_id.in_(some), _IS_IN_LINE))
    ]
    rows.sort(key=lambda row: (row.rank, row.seq))
    return [waiting_of(row) for row in rows]


def _first(connection: Connection, limit: int, is_due: ColumnElement[bool]) -> list[Waiting]:
    in_order = select(*WAITING).where(_IS_IN_LINE, is_due).order_by(jobs.c.line, jobs.c.seq)
    return [waiting_of(row) for row in connection.execute(in_order.limit(limit))]


def _count_waiting(connection: Connection) -> int:
    """Return how many jobs are queued, held ones included: they take up room too."""
    is_queued = jobs.c.state == JobState.QUEUED
    return connection.execute(select(func.count()).select_from(jobs).where(is_queued)).scalar_one()


def count_of(connection: Connection, owner: str) -> int:
    """Return how many jobs of an owner are in the line."""
    query = select(func.count()).select_from(jobs).where(jobs.c.owner == owner, _IS_IN_LINE)
    return connection.execute(query).scalar_one()
