"""Sums over all jobs: for metrics, which ask now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from comfy_gen.jobs.tables import artifacts, jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection


def waiting(connection: Connection) -> tuple[int, float | None]:
    """Return how many owners have jobs in the line, and since when the one waits that waits longest."""
    asked = select(func.count(jobs.c.owner.distinct()), func.min(jobs.c.queued)).where(jobs.c.line.is_not(None))
    owners, since = connection.execute(asked).one()
    return owners, since


def stored(connection: Connection) -> tuple[int, int]:
    """Return how many artifacts there are, and their bytes."""
    count, size = connection.execute(select(func.count(), func.sum(artifacts.c.size))).one()
    return count, int(size or 0)
