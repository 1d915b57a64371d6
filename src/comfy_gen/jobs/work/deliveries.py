"""Sends the webhooks of jobs, from the outbox, until each is received or given up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import TYPE_CHECKING

from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.announcement import PROGRESS, in_shape, with_links
from comfy_gen.webhooks.schedule import DELAYS, NEWS_DELAYS
from comfy_gen.webhooks.schedule import Delivery as Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from comfy_gen.jobs.outbox import Outbox
    from comfy_gen.jobs.records import Delivery
    from comfy_gen.webhooks.delivery import Deliverer

log = logging.getLogger(__name__)

AT_A_TIME = 16
"""How many are on their way: one receiver that is slow delays no other by much."""
LOOK_EVERY = 1.0
"""Seconds between two looks into the outbox, where nobody says that there is something."""


class Deliveries:
    """The outbox's postman."""

    def __init__(
        self,
        outbox: Outbox,
        deliverer: Deliverer,
        *,
        clock: Callable[[], float],
        lease: float = 60.0,
        link: Callable[[Mapping[str, Any]], str] | None = None,
    ) -> None:
        """Make one that has yet to run.

        Args:
            outbox: where they are.
            deliverer: makes the attempts.
            clock: tells the time, in seconds since 1970.
            lease: seconds for which nobody else sends what was taken: more than an attempt can take.
            link: makes an address of an output that has none.
        """
        self._outbox = outbox
        self._deliverer = deliverer
        self._lease = lease
        self._link = link
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
            due = await self._outbox.due(self._clock(), room, lease=self._lease)
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
        result = await self._deliverer.send(_outgoing(delivery, self._link), now)
        if result.error:
            log.info("webhook %s of job %s: %s", delivery.delivery_id, delivery.job_id, result.error)
        await self._outbox.record_delivery(
            delivery.delivery_id,
            status=result.status,
            error=result.error,
            now=now,
            next_at=result.next_at,
            is_done=result.is_done,
        )


def _outgoing(delivery: Delivery, link: Callable[[Mapping[str, Any]], str] | None) -> Outgoing:
    """Return a delivery as it is sent: what the caller wanted to get back, and what happened above it."""
    told = in_shape(delivery.body if link is None else with_links(delivery.body, link))
    return Outgoing(
        delivery_id=delivery.delivery_id,
        job_id=delivery.job_id,
        url=delivery.url,
        body=json.dumps({**delivery.extra_params, **told}).encode(),  # escaped: half a character would not encode
        attempts=delivery.tries,
        next_at=delivery.next_at or 0.0,
        delays=NEWS_DELAYS if delivery.event == PROGRESS else DELAYS,
    )
