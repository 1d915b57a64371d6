"""Reads jobs whole, for whoever shows them so.

Methods raise `DatabaseUnavailableError` when the database cannot be read or written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.jobs.dossier import MOST
from comfy_gen.jobs.sql import dossiers as sql

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from comfy_gen.jobs.dossier import Dossier, Search, Waiter
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import JobState
    from comfy_gen.jobs.transactions import Transactions


class Dossiers:
    """The jobs of an installation. Where an ``owner`` is asked for, None means everybody."""

    def __init__(self, transactions: Transactions) -> None:
        self._read, self._write = transactions.read, transactions.write

    async def get(self, job_id: str) -> Dossier | None:
        """Return a job; None if there is none of this id."""
        return await self._read(lambda connection: sql.get(connection, job_id))

    async def active(self, owner: str | None) -> Sequence[Dossier]:
        """Return jobs that workers have, oldest first."""
        return await self._read(lambda connection: sql.active(connection, owner, MOST))

    async def waiting(self, owner: str | None) -> Sequence[Dossier]:
        """Return the first of the jobs that wait, held ones as well, in their order."""
        return await self._read(lambda connection: sql.waiting(connection, owner, MOST))

    async def past(self, owner: str | None, *, offset: int | None = None, limit: int = MOST) -> Sequence[Dossier]:
        """Return a part of the history, in the order in which the jobs ended: its end, or what follows an offset."""
        return await self._read(lambda connection: sql.past(connection, owner, offset, min(limit, MOST)))

    async def search(self, owner: str | None, search: Search) -> tuple[Sequence[Dossier], int]:
        """Return a part of the jobs that are looked for, and how many there are in all."""
        return await self._read(lambda connection: sql.search(connection, owner, search))

    async def remaining(self, owner: str | None) -> int:
        """Return how many jobs wait or run."""
        return await self._read(lambda connection: sql.remaining(connection, owner), is_brief=True)

    async def waiters(self, owner: str) -> Sequence[Waiter]:
        """Return all of an owner's jobs that wait, in their order."""
        return await self._read(lambda connection: sql.waiters(connection, owner))

    async def seq(self, job_id: str) -> int:
        """Return the number of a job among all; 0 for one that is gone."""
        return await self._read(lambda connection: sql.seq(connection, job_id), is_brief=True)

    async def among(self, owner: str | None, job_ids: Collection[str], states: Collection[JobState]) -> Sequence[JobId]:
        """Return those of these ids whose jobs are in one of these states."""
        return await self._read(lambda connection: sql.among(connection, owner, job_ids, states))

    async def forget(self, owner: str | None, job_ids: Collection[str] | None = None) -> None:
        """Have the history show these jobs no more, or none of those that are in it now; the jobs themselves are kept.

        Those that have not ended, or do not exist, are as they were.
        """
        await self._write(lambda change: sql.forget(change, owner, job_ids))
