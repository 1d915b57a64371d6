"""What all the runs of one worker share: the store, the engines, the pools, and patience with the database."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from comfy_gen.engines.watchdog import WatchdogOptions
from comfy_gen.errors import DatabaseUnavailableError, StorageError
from comfy_gen.jobs.previews import Previews
from comfy_gen.jobs.relay import Relay
from comfy_gen.jobs.work.recording import Recorder
from comfy_gen.jobs.work.reports import Reports
from comfy_gen.jobs.work.ruling import RetryOptions
from comfy_gen.pipeline.inputs import GatherOptions
from comfy_gen.validation.gate import Gate
from comfy_gen.validation.thresholds import Thresholds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from comfy_gen.engines.fleet import Fleet
    from comfy_gen.jobs.extra_data import SealedExtra
    from comfy_gen.jobs.job import JobId
    from comfy_gen.jobs.records import Waiting
    from comfy_gen.jobs.store import JobStore
    from comfy_gen.pipeline.cache import AssetCache
    from comfy_gen.storage.requested import RequestedBuckets
    from comfy_gen.storage.store import ArtifactStore
    from comfy_gen.validation.safety import SafetyCheck

T = TypeVar("T")
log = logging.getLogger(__name__)

DATABASE_DELAYS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
"""Seconds between two attempts to reach the database; the last is repeated until it works."""

STORING_DELAYS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Seconds before files are stored once more: the disk may have room again, and minutes of work are in results."""


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What a worker is like."""

    window: int = 256
    """How many waiting jobs it weighs against each other."""
    preprocess_workers: int = 3
    generation_workers: int | None = None
    """How many jobs the engines have at a time; None: as many as they take."""
    postprocess_workers: int = 3
    retry: RetryOptions = field(default_factory=RetryOptions)
    gathering: GatherOptions = field(default_factory=GatherOptions)
    """The bounds of fetching assets."""
    watchdog: WatchdogOptions = field(default_factory=WatchdogOptions)
    is_tracked: bool = False
    """Whether MLflow is to be told of each generation."""
    preload: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, "tuple[str, ...]"])
    """Models that engines load before any job asks, by the engine's name; ``*``: every engine."""


@dataclass(frozen=True, slots=True)
class Pools:
    """How many jobs are in a stage at a time."""

    preprocess: asyncio.Semaphore
    postprocess: asyncio.Semaphore


class Bench:
    """Made once for each worker; everything lives on one loop."""

    def __init__(
        self,
        *,
        store: JobStore,
        fleet: Fleet,
        artifacts: ArtifactStore,
        requested: RequestedBuckets,
        sealed_extra: SealedExtra,
        cache: AssetCache,
        worker: str,
        options: WorkerOptions,
        previews: Previews | None = None,
        relay: Relay | None = None,
        safety: SafetyCheck | None = None,
        gate: Gate | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store = store
        self.fleet = fleet
        self.artifacts = artifacts
        self.cache = cache
        self.worker = worker
        """What this worker is called in the store."""
        self.options = options
        self.previews = previews or Previews(lambda _: None)
        self.relay = relay or Relay()
        self.requested = requested
        """Opens the buckets that requests name."""
        self.sealed_extra = sealed_extra
        """Opens what engines get beside workflows."""
        self.safety = safety
        """Looks at pictures of the general tier; None: nobody does."""
        self.gate = gate or Gate(Thresholds(None), None)
        """Judges the pictures of jobs that ask for it."""
        self.recorder = Recorder(is_tracked=options.is_tracked)
        self.now = clock
        self.without_room: set[str] = set()
        """Jobs whose files cannot be stored now: nothing new is begun until they can."""
        self.pools = Pools(
            asyncio.Semaphore(options.preprocess_workers), asyncio.Semaphore(options.postprocess_workers)
        )
        self.reports = Reports(lambda reports: self.persist(lambda now: store.report(reports, now=now)))

    async def with_room(self, job_id: JobId, store: Callable[[], Awaitable[T]]) -> T:
        """Return what ``store`` returns; where a disk has no room, wait for some and have it done once more."""
        try:
            for delay in itertools.chain(STORING_DELAYS, itertools.repeat(STORING_DELAYS[-1])):
                try:
                    return await store()
                except StorageError as error:
                    log.warning("job %s: %s; trying again in %g s", job_id, error, delay)
                self.without_room.add(job_id)
                await asyncio.sleep(delay)
        finally:
            self.without_room.discard(job_id)
        raise AssertionError("there is always another delay")

    async def waiting(self, job_id: JobId) -> Waiting | None:
        """Return a job that waits; None if it does not, or is held."""
        return await self.persist(lambda _: self.store.waiting(job_id))

    async def persist(self, write: Callable[[float], Awaitable[T]]) -> T:
        """Return what ``write`` returns, called with the time; a database that is away is waited for.

        What a job made must not be lost because a disk is full for a minute. Only cancelling ends the wait.
        """
        tries = 0
        while True:
            try:
                return await write(self.now())
            except DatabaseUnavailableError as error:
                delay = DATABASE_DELAYS[min(tries, len(DATABASE_DELAYS) - 1)]
                tries += 1
                log.warning("%s; trying again in %g s", error, delay)
            await asyncio.sleep(delay)
