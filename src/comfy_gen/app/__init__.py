"""Builds everything from the settings, and closes it again: the one place that knows all the parts.

Whoever submits, looks or cancels:

    async with open_queue(settings) as queue:
        accepted = await queue.submit([JobRequest(workflow)])

Whoever does the work:

    async with open_service(settings) as (_, worker):
        await worker.run()
"""

from __future__ import annotations

import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from comfy_gen.app.artifacts import artifacts_folder
from comfy_gen.app.board import Board
from comfy_gen.app.watching import Watching
from comfy_gen.engines.durations import Underway, estimate, left_of, wait_of
from comfy_gen.engines.registry import parse_entries
from comfy_gen.jobs.database import Database
from comfy_gen.jobs.dispatch.local import LocalDispatcher
from comfy_gen.jobs.outbox import Outbox
from comfy_gen.jobs.overview import Overview
from comfy_gen.jobs.previews import Previews
from comfy_gen.jobs.relay import Relay
from comfy_gen.jobs.request import Webhook
from comfy_gen.jobs.signals import topic_of
from comfy_gen.jobs.signals.local import LocalSignals
from comfy_gen.jobs.store import JobStore

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence
    from pathlib import Path

    from comfy_gen.config import Settings
    from comfy_gen.engines.durations import Estimate
    from comfy_gen.engines.registry import EngineEntry
    from comfy_gen.jobs.dispatch.dispatcher import Dispatcher
    from comfy_gen.jobs.job import Event, Job, JobId
    from comfy_gen.jobs.records import Accepted
    from comfy_gen.jobs.request import JobRequest
    from comfy_gen.jobs.signals import Signals
    from comfy_gen.jobs.work.worker import Worker
    from comfy_gen.pipeline.artifact import Artifact


@asynccontextmanager
async def open_queue(settings: Settings) -> AsyncGenerator[JobQueue]:
    """Open the queue of jobs, for whoever submits, looks or cancels: any number of processes at a time.

    Raises:
        DatabaseError: the database cannot be used.
        ConfigurationError: what is set cannot work.
    """
    async with AsyncExitStack() as stack:
        yield await _open_queue(settings, stack)


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncGenerator[tuple[JobQueue, Worker]]:
    """Open the queue and a worker in one process, where the one hears at once what the other does.

    The worker's ``run`` works until cancelled.

    Raises:
        WorkerRunningError: another worker has this database, which is SQLite's.
        DatabaseError: the database cannot be used.
        ConfigurationError: what is set cannot work.
    """
    from comfy_gen.app.building import build_worker  # noqa: PLC0415  # engines and files: who only asks need not wait
    from comfy_gen.app.telling import open_telling  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        queue = await _open_queue(settings, stack)
        worker = await build_worker(queue, settings, stack)
        telling = open_telling(settings.tracking, queue.store.transactions, worker.artifacts)
        await stack.enter_async_context(telling)
        yield queue, worker


class JobQueue:
    """The verbs that every face shares; `store` has the others."""

    def __init__(
        self, settings: Settings, database: Database, store: JobStore, dispatcher: Dispatcher, signals: Signals
    ) -> None:
        self.store = store
        self.outbox = Outbox(store.transactions)
        self.settings = settings
        self.database = database
        self.dispatcher = dispatcher
        self.signals = signals
        self.watching = Watching(store, signals)
        self.board = Board(Overview(store.transactions), signals)
        self.previews = Previews(lambda job_id: signals.published(topic_of(job_id)))
        self.relay = Relay()

    @property
    def name(self) -> str:
        """The database's address without its password."""
        return self.database.name

    async def submit(self, requests: Sequence[JobRequest]) -> list[Accepted]:
        """Accept all of these or none; once this returns they survive whatever happens.

        Raises:
            JobError: the queue is full, or a key was used for something else.
            InvalidParameterError: a value of a request cannot work.
            DatabaseUnavailableError: nothing could be written.
        """
        target = self.settings.webhook.url
        told = [replace(one, webhook=one.webhook or Webhook(target)) if target else one for one in requests]
        if len(told) == 1:  # which may share its commit with those that others send now
            accepted = [await self.store.accept(told[0], now=time.time())]
        else:
            accepted = list(await self.store.accept_all(told, now=time.time()))
        self.relay.accept(one.job for one in accepted if not one.is_replay)
        return accepted

    async def job(self, text: str) -> Job:
        """Return the job with this id, or the only one whose id begins so.

        Raises:
            JobNotFoundError: there is none, or there are several.
        """
        return await self.store.find(text)

    async def watch(self, job_id: JobId, *, after: int = 0) -> AsyncIterator[Event]:
        """Yield every event of a job with a number above ``after``, until the job has ended.

        Raises:
            JobNotFoundError: there is no such job (any more).
        """
        async for news in self.watching.news(job_id, after=after):
            for event in news.events:
                yield event

    async def eta(self, job: Job) -> Estimate | None:
        """Return in how many seconds a job will have ended, from what like jobs took; None where nothing is known."""
        own = estimate(await self.store.durations(job.likeness))
        if job.state.is_end or job.is_held or own is None:
            return None
        if job.state.is_active:
            return left_of(await self._underway(job))
        position = await self.store.position(job.job_id)
        if position is None:
            return None
        typical = estimate(await self.store.durations())
        return wait_of(position, await self._lanes(), own=own, typical=typical)

    async def _lanes(self) -> list[list[Underway]]:
        """Return what each engine has that takes jobs."""
        lanes: dict[str | None, list[Underway]] = {
            entry.name: [] for entry in await self.store.roster.engines() if not entry.is_draining
        }
        for job in await self.store.active():
            if job.engine in lanes:
                lanes[job.engine].append(await self._underway(job))
        return list(lanes.values())

    async def _underway(self, job: Job) -> Underway:
        attempts = await self.store.attempts(job.job_id)
        elapsed = max(time.time() - attempts[-1].started, 0.0) if attempts else 0.0
        return Underway(elapsed, estimate(await self.store.durations(job.likeness)))

    async def enter_configured(self) -> list[EngineEntry]:
        """Enter the engines that the settings name, or the usual one where there is none at all, and return all."""
        configured = parse_entries(self.settings.fleet.engines)
        await self.store.roster.enter_engines(configured)
        known = await self.store.roster.engines()
        if not known:
            await self.store.roster.enter_engines(parse_entries(self.settings.engine_url))
        return list(known or await self.store.roster.engines())

    async def engines(self) -> list[EngineEntry]:
        """Return the engines by name: those entered and those of the settings, or the usual one."""
        entered = {entry.name: entry for entry in await self.store.roster.engines()}
        configured = {entry.name: entry for entry in parse_entries(self.settings.fleet.engines)}
        found = configured | entered or {entry.name: entry for entry in parse_entries(self.settings.engine_url)}
        return sorted(found.values(), key=lambda entry: entry.name)

    def artifact_path(self, artifact: Artifact) -> Path | None:
        """Return where a stored file lies; None where a bucket keeps it."""
        return None if self.settings.keeps_in_bucket else artifacts_folder(self.settings) / artifact.key


async def _open_queue(settings: Settings, stack: AsyncExitStack) -> JobQueue:
    database = await Database.open(settings.jobs.database_url)
    stack.push_async_callback(database.close)
    signals, dispatcher = await _dispatch(database)
    stack.push_async_callback(signals.close)
    store = JobStore(database, dispatcher, signals, max_waiting=settings.jobs.max_queue_size)
    return JobQueue(settings, database, store, dispatcher, signals)


async def _dispatch(database: Database) -> tuple[Signals, Dispatcher]:
    if database.dialect == "sqlite":
        signals = LocalSignals(database)
        return signals, LocalDispatcher(database, signals)
    # Late: an extra.
    from comfy_gen.jobs.dispatch.postgres import PostgresDispatcher  # noqa: PLC0415
    from comfy_gen.jobs.signals.postgres import PostgresSignals  # noqa: PLC0415

    return PostgresSignals(database.url), await PostgresDispatcher.open(database)
