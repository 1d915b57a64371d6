"""Moves jobs that wait to other places in the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.jobs.sql import moving as sql

if TYPE_CHECKING:
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.transactions import Transactions


class Place(NamedTuple):
    """A place in the line: right after or right before another job, or at an end."""

    is_after: bool
    job_id: str | None = None
    """The other job; None for the end: after or before all that wait."""


async def move(transactions: Transactions, job_id: str, place: Place, *, owner: str | None, now: float) -> Job:
    """Put a job that waits, held or not, at a place of the line, and return it. All others keep their order.

    An ``owner``'s ends are next to the first or the last of their own jobs; None has those of the whole line.

    Raises:
        JobNotFoundError: there is no such job, or none that it is to be put next to.
        JobStateError: one of them does not wait.
        DatabaseUnavailableError: nothing could be written.
    """
    return await transactions.write(lambda change: sql.move(change, job_id, place, owner, now=now))
