"""Takes of all jobs in the order in which they were made: for metrics, which count each of them once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select, tuple_

from comfy_gen.jobs.tables import takes

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from comfy_gen.jobs.ids import JobId


class Judged(NamedTuple):
    """What is counted of a take."""

    at: float
    job_id: JobId
    number: int
    template: str
    """The workflow's name; empty for one that somebody brought."""
    model: str
    passed: bool | None


_PLACE = takes.c.at, takes.c.job_id, takes.c.number


def judged_after(connection: Connection, at: float, job_id: str, number: int, limit: int) -> list[Judged]:
    """Return the takes that were made after a moment, or at it and come later by job and number."""
    query = select(*_PLACE, takes.c.template, takes.c.model, takes.c.passed)
    # What the first condition says, the second does too; but only the first is looked up in the index.
    query = query.where(takes.c.at >= at, tuple_(*_PLACE) > (at, job_id, number)).order_by(*_PLACE).limit(limit)
    return [Judged(*row) for row in connection.execute(query)]
