"""Reads all jobs at once for those who watch them: each method is one visit to the database, however many jobs.

Methods raise `DatabaseUnavailableError` when the database cannot be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.jobs.sql import live

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from comfy_gen.jobs.history import History
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.live import Difference, Sight, Standing, Surroundings, Version
    from comfy_gen.jobs.transactions import Transactions


class Overview:
    """Looks at all jobs."""

    def __init__(self, transactions: Transactions) -> None:
        self._read = transactions.read

    async def sight(self, owner: str | None, since: float) -> Sight:
        """Return what has not ended, and what ended since; an owner's, or everybody's."""
        return await self._read(lambda connection: live.see(connection, owner, since))

    async def standing(self, owner: str, since: float) -> Standing:
        """Return where an owner's jobs are: those that have not ended, and the last that did since."""
        return await self._read(lambda connection: live.standing(connection, owner, since))

    async def histories(self, job_ids: Sequence[JobId]) -> Mapping[JobId, History]:
        """Return what engines said of these jobs, of those of which it is kept."""
        return await self._read(lambda connection: live.histories(connection, job_ids))

    async def surroundings(self, kinds: Sequence[str]) -> Surroundings:
        """Return what is around jobs: the first of the line, and how long these kinds take."""
        return await self._read(lambda connection: live.surroundings(connection, kinds))

    async def difference(
        self, suspects: Sequence[JobId], known: Mapping[JobId, Version], since: float, *, is_all: bool | None = None
    ) -> Difference:
        """Return how these jobs are, and others that are not as they are known to be.

        ``is_all`` says among which others to look: True among all, False among the newest alone, None among none.
        """

        def work(connection: Connection) -> Difference:
            found = [] if is_all is None else live.suspects(connection, known, since, is_all=is_all)
            return live.look(connection, [*dict.fromkeys([*suspects, *found])])

        return await self._read(work)
