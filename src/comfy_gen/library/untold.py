"""The generations that MLflow is yet to be told of. They are so from the transaction in which they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.jobs.sql import telling
from comfy_gen.jobs.sql.telling import Taken

if TYPE_CHECKING:
    from comfy_gen.jobs.transactions import Transactions

__all__ = ["Taken", "Untold"]


class Untold:
    """Keeps them. Methods raise `DatabaseUnavailableError` when the database cannot be read or written."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def next(self, now: float, *, lease: float) -> Taken | None:
        """Take the one that has waited longest, if any is due. Nobody else gets it within the lease."""
        if not await self._transactions.read(lambda connection: telling.is_any_due(connection, now=now), is_brief=True):
            return None
        return await self._transactions.write(lambda change: telling.next_due(change.connection, now=now, lease=lease))

    async def take(self, job_id: str, now: float, *, lease: float) -> Taken | None:
        """Take this one, whether it is due or not; None if it is gone."""
        return await self._transactions.write(
            lambda change: telling.take(change.connection, job_id, now=now, lease=lease)
        )

    async def give_back(self, taken: Taken, now: float) -> None:
        """Let others take it at once."""
        await self._transactions.write(lambda change: telling.give_back(change.connection, taken, now=now))

    async def told(self, taken: Taken, run_id: str, now: float) -> bool:
        """Write which run it is, unless somebody else wrote another meanwhile: then this one is to go.

        If it changed meanwhile it is told once more.
        """
        return await self._transactions.write(lambda change: telling.told(change.connection, taken, run_id, now=now))

    async def troubled(self, taken: Taken, trouble: str, next_at: float) -> None:
        """Write what kept it from being told, and when to try again; at once if it changed meanwhile."""
        await self._transactions.write(
            lambda change: telling.troubled(change.connection, taken, trouble, next_at=next_at)
        )
