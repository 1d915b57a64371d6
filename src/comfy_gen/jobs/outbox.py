"""The outbox: the webhooks of jobs, from the moment at which they are written with what they tell of.

They are sent from here, and kept afterwards with how that went. Methods raise `DatabaseUnavailableError` when the
database cannot be read or written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.jobs.sql import outbox
from comfy_gen.jobs.sql.parts import parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.jobs.records import Delivery, DeliveryPage, DeliveryState
    from comfy_gen.jobs.transactions import Transactions


class Outbox:
    """Keeps the webhooks that are to be sent, and those that were."""

    def __init__(self, transactions: Transactions) -> None:
        self._run = transactions

    # --- sending

    async def due(self, now: float, limit: int = 100, *, lease: float = 60.0) -> Sequence[Delivery]:
        """Take webhooks that are to be sent. Nobody else gets them within the lease, in which to record the try."""
        if not await self._run.read(lambda connection: outbox.is_any_due(connection, now=now), is_brief=True):
            return []
        return await self._run.write(lambda change: outbox.due(change.connection, limit, now=now, lease=lease))

    async def record_delivery(
        self,
        delivery_id: str,
        *,
        status: int | None = None,
        error: str = "",
        now: float,
        next_at: float | None = None,
        is_done: bool = False,
    ) -> None:
        """Write how a try at a webhook went; without ``next_at`` there is no other."""
        await self._run.write(
            lambda change: outbox.record_delivery(
                change.connection, delivery_id, status=status, error=error, now=now, next_at=next_at, is_done=is_done
            )
        )

    # --- looking

    async def deliveries(self, job_id: str) -> Sequence[Delivery]:
        """Return the webhooks of a job, oldest first."""
        return await self._run.read(lambda connection: outbox.deliveries(connection, job_id))

    async def list(
        self, state: DeliveryState | None = None, limit: int = 50, cursor: str | None = None
    ) -> DeliveryPage:
        """Return webhooks, newest first; ``cursor`` is what the page before said comes next.

        Raises:
            InvalidParameterError: the cursor is none of ours.
        """
        return await self._run.read(lambda connection: outbox.page(connection, state, limit, cursor))

    async def get(self, prefix: str) -> Delivery:
        """Return the webhook whose id begins so.

        Raises:
            DeliveryNotFoundError: none does, or several do.
        """
        return await self._run.read(lambda connection: outbox.find(connection, prefix))

    async def counts(self) -> dict[DeliveryState, int]:
        """Return how many webhooks are in each state."""
        return await self._run.read(outbox.count)

    # --- once more

    async def replay(self, delivery_ids: Sequence[str] | None = None, *, now: float) -> Sequence[Delivery]:
        """Have webhooks sent again, with all tries before them: those named, or all that were given up.

        Whoever receives one sees the id that it had before. Returns those that it changed.

        Raises:
            DeliveryNotFoundError: one that is named does not exist.
        """
        wanted = await self._run.read(lambda connection: outbox.replayable(connection, delivery_ids))
        changed: list[Delivery] = []
        for some in parts(wanted):
            changed += await self._run.write(lambda change, some=some: outbox.replay(change.connection, some, now=now))
        return changed
