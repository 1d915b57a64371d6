"""Sends the webhooks of jobs that ended, from the outbox, until each is received or given up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import TYPE_CHECKING

from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.webhooks.schedule import Delivery as Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfy_gen.jobs.records import Delivery
    from comfy_gen.jobs.store import JobStore
    from comfy_gen.webhooks.delivery import Deliverer

log = logging.getLogger(__name__)

AT_A_TIME = 16
"""How many are on their way: one receiver that is slow delays no other by much."""
LOOK_EVERY = 1.0
"""Seconds between two looks into the outbox, where nobody says that there is something."""


class Deliveries:
    """The outbox's postman."""

    def __init__(self, store: JobStore, deliverer: Deliverer, *, clock: Callable[[], float]) -> None:
        self._store = store
        self._deliverer = deliverer
        self._clock = clock
        self._wake = asyncio.Event()
        self._underway: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Look into the outbox now."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            while True:
                self._wake.clear()
                if not await self._begin_some():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_EVERY):
                            await self._wake.wait()
        finally:
            for task in self._underway:
                task.cancel()
            await asyncio.gather(*self._underway, return_exceptions=True)

    async def _begin_some(self) -> bool:
        """Begin to deliver what is due, as far as there is room, and tell whether more of both may be there."""
        room = AT_A_TIME - len(self._underway)
        if not room:
            return False
        try:
            due = await self._store.due(self._clock(), room)
        except DatabaseUnavailableError as error:
            log.warning("webhooks wait: %s", error)
            return False
        for delivery in due:
            task = asyncio.create_task(self._deliver(delivery))
            self._underway.add(task)
            task.add_done_callback(self._done)
        return len(due) == room

    def _done(self, task: asyncio.Task[None]) -> None:
        self._underway.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("a webhook will be sent again: %s", error)
        self._wake.set()

    async def _deliver(self, delivery: Delivery) -> None:
        """Make one attempt, and keep what became of it; killed in between, it is made again under the same id."""
        now = self._clock()
        result = await self._deliverer.send(_outgoing(delivery), now)
        if result.error:
            log.info("webhook %s of job %s: %s", delivery.delivery_id, delivery.job_id, result.error)
        await self._store.record_delivery(
            delivery.delivery_id,
            status=result.status,
            error=result.error,
            now=now,
            next_at=result.next_at,
            is_done=result.is_done,
        )


def _outgoing(delivery: Delivery) -> Outgoing:
    """Return a delivery as it is sent: what the caller wanted to get back, and what happened above it."""
    body = {**delivery.extra_params, **delivery.body}
    return Outgoing(
        delivery_id=delivery.delivery_id,
        job_id=delivery.job_id,
        url=delivery.url,
        body=json.dumps(body, ensure_ascii=False).encode(),
        attempts=delivery.tries,
        next_at=delivery.next_at or 0.0,
    )
