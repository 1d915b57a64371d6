"""The dispatchers that the contract suite runs on, and a hand that holds what it is given until the test says."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.jobs.database import Database
from comfy_gen.jobs.dispatch.local import LocalDispatcher, LocalOptions
from comfy_gen.jobs.dispatch.postgres import PostgresDispatcher, PostgresOptions
from comfy_gen.jobs.signals.local import LocalSignals
from comfy_gen.jobs.signals.postgres import PostgresSignals
from comfy_gen.jobs.store import JobStore
from tests.contracts.job_stores import database_url
from tests.contracts.job_stores import request as job_request

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from comfy_gen.jobs.dispatch.dispatcher import Dispatcher
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.records import Waiting
    from comfy_gen.jobs.signals import Signals

__all__ = ["NOW", "QUICK", "QUICK_POSTGRES", "Desk", "OpenHand", "database_url", "dispatching", "open_desk", "stop"]

PATIENCE = 20.0
NOW = 1000.0
QUICK = LocalOptions(look_every=0.02, rest=0.02, pause=0.001)
QUICK_POSTGRES = PostgresOptions(heartbeat_every=0.1, dead_after=1.0, sweep_every=0.1, look_every=0.05, rest=0.05)


class OpenHand:
    """Holds jobs until `let_go`; full, it lets go of the one that has waited longest."""

    def __init__(self, size: int = 100) -> None:
        self.size = size
        self.taken: list[JobId] = []
        """In the order in which they came, however often."""
        self.cancelled: list[JobId] = []
        self._held: dict[JobId, asyncio.Future[None]] = {}
        self._begun: set[JobId] = set()
        self._changed = asyncio.Event()

    def room(self) -> int:
        return self.size - len(self._held.keys() - self._begun)

    async def take(self, job_id: JobId, known: Waiting | None = None) -> None:
        assert known is None or known.job_id == job_id
        gone = self._held.setdefault(job_id, asyncio.get_running_loop().create_future())
        if self.room() < 0:
            self.let_go(next(job_id for job_id in self._held if job_id not in self._begun))
        self.taken.append(job_id)
        self._changed.set()
        try:
            await asyncio.shield(gone)
        except asyncio.CancelledError:
            self.cancelled.append(job_id)
            raise
        finally:
            self._held.pop(job_id, None)

    def begin(self, job_id: JobId) -> None:
        """Have a job run: it takes up no room any more."""
        self._begun.add(job_id)

    def let_go(self, job_id: JobId) -> None:
        """End the take of a job."""
        gone = self._held.pop(job_id)
        if not gone.done():
            gone.set_result(None)

    def fail(self, job_id: JobId) -> None:
        """End the take of a job with a bug."""
        self._held.pop(job_id).set_exception(ZeroDivisionError())

    async def until(self, *job_ids: JobId, times: int = 1) -> None:
        """Wait until these were taken so often."""
        async with asyncio.timeout(PATIENCE):
            while any(self.taken.count(job_id) < times for job_id in job_ids):
                self._changed.clear()
                await self._changed.wait()


@dataclass
class Desk:
    """A store with a dispatcher and signals that are real."""

    database: Database
    dispatcher: Dispatcher
    signals: Signals
    store: JobStore
    feeds: list[asyncio.Task[None]] = field(default_factory=list)

    async def accept(self, **facts: Any) -> JobId:
        return (await self.store.accept(job_request(**facts), now=NOW)).job.job_id

    async def claim(self, job_id: JobId) -> int:
        claimed = await self.store.claim(job_id, worker="worker-1", now=NOW)
        assert claimed is not None
        return claimed.attempt

    def feed(self, hand: OpenHand) -> asyncio.Task[None]:
        """Feed a hand, until the test ends or `stop` is called."""
        self.feeds.append(asyncio.create_task(self.dispatcher.feed(hand)))
        return self.feeds[-1]


async def stop(feed: asyncio.Task[None]) -> None:
    """Cancel a feed, and wait for its end."""
    feed.cancel()
    with suppress(asyncio.CancelledError):
        await feed


@asynccontextmanager
async def open_desk(
    url: str, *, local: LocalOptions = QUICK, postgres: PostgresOptions = QUICK_POSTGRES
) -> AsyncGenerator[Desk]:
    """Open a store as another process would."""
    async with await Database.open(url) as database:
        if database.dialect == "sqlite":
            signals: Signals = LocalSignals(database)
            dispatcher: Dispatcher = LocalDispatcher(database, signals, options=local)
        else:
            signals = PostgresSignals(database.url)
            dispatcher = await PostgresDispatcher.open(database, options=postgres)
        desk = Desk(database, dispatcher, signals, JobStore(database, dispatcher, signals))
        try:
            yield desk
        finally:
            for feed in desk.feeds:
                await stop(feed)
            await signals.close()


@pytest.fixture
async def dispatching(database_url: str) -> AsyncGenerator[Desk]:
    """A store with a real dispatcher, on each kind of database."""
    async with open_desk(database_url) as desk:
        yield desk
