"""Feeds the only worker on a database from the table of jobs itself: what waits there is the queue."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select

from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import ACTIVE
from comfy_gen.jobs.records import LONGEST_REST
from comfy_gen.jobs.signals import QUEUE
from comfy_gen.jobs.sql.line import waiting
from comfy_gen.jobs.sql.states import is_one_of
from comfy_gen.jobs.tables import jobs as job_table

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sqlalchemy import Connection

    from comfy_gen.jobs.database import Database
    from comfy_gen.jobs.dispatch.dispatcher import Hand
    from comfy_gen.jobs.records import Waiting
    from comfy_gen.jobs.signals import Signals

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LocalOptions:
    """How often a local dispatcher looks; times in seconds."""

    look_every: float = 1.0
    """Though nobody signalled anything: a job became due, or its rest is over."""
    rest: float = 1.0
    """Before a job comes back that the hand let go of while it still waits."""
    pause: float = 0.05
    """Between two looks while the hand has plenty: a flood of new jobs costs no more than 20 of them a second."""


class LocalDispatcher:
    """A dispatcher for a database that has one worker at a time."""

    def __init__(self, database: Database, signals: Signals, *, options: LocalOptions | None = None) -> None:
        self._database = database
        self._signals = signals
        self._options = options or LocalOptions()

    def enqueue(self, connection: Connection, jobs: Sequence[tuple[JobId, float]]) -> None:
        """Do nothing: the table has them."""

    def reorder(self, connection: Connection, jobs: Sequence[tuple[JobId, float]]) -> None:
        """Do nothing: the table has their ranks."""

    def withdraw(self, connection: Connection, job_ids: Sequence[JobId]) -> None:
        """Do nothing: the table says that they do not wait."""

    async def feed(self, hand: Hand) -> None:
        """Keep a hand filled, until cancelled."""
        await _Feeding(self._database, self._signals, hand, self._options).run()


class _Feeding:
    """One hand that is being fed."""

    def __init__(self, database: Database, signals: Signals, hand: Hand, options: LocalOptions) -> None:
        self._database = database
        self._signals = signals
        self._hand = hand
        self._options = options
        self._size = hand.room()
        self._held: dict[JobId, asyncio.Task[None]] = {}
        self._rests_until: dict[JobId, float] = {}
        self._has_more = True
        self._wake = asyncio.Event()

    async def run(self) -> None:
        async with self._signals.subscribe(QUEUE) as changes:
            listening = asyncio.create_task(self._listen(changes))
            try:
                while True:
                    self._wake.clear()
                    await self._fill()
                    await self._wait()
            finally:
                tasks = [listening, *self._held.values()]
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, changes: AsyncIterator[str]) -> None:
        async for _ in changes:
            self._wake.set()

    async def _wait(self) -> None:
        if self._hand.room() * 2 < self._size:
            await asyncio.sleep(self._options.pause)
        try:
            async with asyncio.timeout(self._options.look_every):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _fill(self) -> None:
        try:
            begun, first = await self._find()
            fresh = [job_id for job_id in first if self._is_new(job_id)]
            known = await self._look_at(fresh) if fresh else {}
        except DatabaseUnavailableError as error:
            log.warning("no jobs for now: %s", error)
            return
        # A job that left the hand while the database was read rests now: what was read of it may be old.
        for job_id in filter(self._is_new, (*begun, *known)):
            self._held[job_id] = asyncio.create_task(self._hold(job_id, known.get(job_id)))

    def _is_new(self, job_id: JobId) -> bool:
        return job_id not in self._held and job_id not in self._rests_until

    async def _find(self) -> tuple[list[JobId], list[JobId]]:
        """Return the jobs that were begun, and as many of the first in the line as there may be of use."""
        now = time.monotonic()
        self._rests_until = {job_id: until for job_id, until in self._rests_until.items() if until > now}
        limit = self._size + len(self._rests_until)
        begun, first = await self._database.read(
            lambda connection: jobs_for_hands(connection, limit, now=time.time()), is_brief=True
        )
        self._has_more = len(first) >= limit
        return begun, [job_id for job_id in first if job_id not in self._rests_until][: self._size]

    async def _look_at(self, job_ids: Sequence[JobId]) -> dict[JobId, Waiting]:
        """Return what a hand has to know of jobs, for all of them at once: it would ask for each."""
        found = await self._database.read(lambda connection: waiting(connection, job_ids), is_brief=True)
        return {one.job_id: one for one in found}

    async def _hold(self, job_id: JobId, known: Waiting | None) -> None:
        try:
            await self._hand.take(job_id, known)
        except Exception:  # a bug in a worker costs one job a rest, and the others nothing
            log.exception("job %s could not be taken", job_id)
        finally:
            del self._held[job_id]
            self._rests_until[job_id] = time.monotonic() + self._options.rest
            if self._has_more and self._hand.room() * 4 > self._size:
                self._wake.set()


_TABLE = job_table.c
# Made once: it is asked for every job, and to make it takes longer than to answer it.
_BEGUN = select(_TABLE.job_id).where(is_one_of(ACTIVE))
_FIRST = (
    select(_TABLE.job_id)
    .where(
        _TABLE.line.is_not(None),
        or_(_TABLE.not_before <= bindparam("now"), _TABLE.not_before > bindparam("now") + LONGEST_REST),
    )
    .order_by(_TABLE.line, _TABLE.seq)
    .limit(bindparam("most"))
)


def jobs_for_hands(connection: Connection, limit: int, *, now: float) -> tuple[list[JobId], list[JobId]]:
    """Return the jobs that were begun, and the first of those that wait and may start now."""
    begun = connection.scalars(_BEGUN).all()
    first = connection.scalars(_FIRST, {"now": now, "most": limit}).all()
    return [JobId(row) for row in begun], [JobId(row) for row in first]
