"""Sums over the jobs that ended of late, by when they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, case, cast, func, select

from comfy_gen.jobs.job import MADE, JobState
from comfy_gen.jobs.tables import jobs

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


def ended(connection: Connection, start: int, step: int, owner: str | None) -> list[tuple[int, int, int, float | None]]:
    """Return each step since ``start`` in which jobs ended, by its number.

    With it come how many of them are good, how many failed, and how long the good ones took on the average.
    """
    steps = (jobs.c.ended - start) / step
    number = cast(steps if connection.dialect.name == "sqlite" else func.floor(steps), BigInteger)  # PostgreSQL rounds
    is_good = jobs.c.state.in_(MADE)
    query = (
        select(
            number,
            func.count(case((is_good, 1))),
            func.count(case((jobs.c.state == JobState.FAILED, 1))),
            func.avg(case((is_good, jobs.c.ended - jobs.c.started))),
        )
        .where(jobs.c.ended >= start, *_is_of(owner))
        .group_by(number)
    )
    return [(at, good, bad, None if mean is None else float(mean)) for at, good, bad, mean in connection.execute(query)]


def _is_of(owner: str | None) -> list[ColumnElement[bool]]:
    # Not the bare column: by its index SQLite would read all that the owner ever had.
    return [] if owner is None else [func.coalesce(jobs.c.owner, "") == owner]
