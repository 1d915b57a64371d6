"""The image service as a whole: the queue, a worker beside it, and all that its faces ask."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from comfy_gen.app import open_queue
from comfy_gen.app.artifacts import open_artifacts
from comfy_gen.app.building import build_worker, requested_buckets
from comfy_gen.app.cookie import Cookies
from comfy_gen.app.deleting import delete_jobs
from comfy_gen.app.links import Links
from comfy_gen.app.planning import build_composer, build_planner
from comfy_gen.app.practice import Practice
from comfy_gen.app.room import room_for_uploads
from comfy_gen.app.scoring import Scoring
from comfy_gen.app.secret import secret_of
from comfy_gen.app.telling import open_telling
from comfy_gen.cache.memory import MemoryCache
from comfy_gen.errors import ArtifactNotFoundError, OwnerQueueFullError, WorkerRunningError
from comfy_gen.jobs.ending import end
from comfy_gen.jobs.extra_data import SealedExtra
from comfy_gen.jobs.keys import KeyStore
from comfy_gen.jobs.records import Selection
from comfy_gen.library.favorites import Favorites
from comfy_gen.library.generations import Library
from comfy_gen.library.named_files import NamedFiles
from comfy_gen.library.presets import Presets

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from comfy_gen.app import JobQueue
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.composer import Composer
    from comfy_gen.app.knowledge import Knowledge
    from comfy_gen.app.planner import Planner
    from comfy_gen.app.room import Room
    from comfy_gen.app.telling import Telling
    from comfy_gen.cache.cache import Cache
    from comfy_gen.config import CacheOptions, Settings
    from comfy_gen.engines.fleet import Fleet
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.outbox import Outbox
    from comfy_gen.jobs.records import Accepted
    from comfy_gen.jobs.request import JobRequest
    from comfy_gen.jobs.saved import SavedWorkflows
    from comfy_gen.jobs.work.worker import Worker
    from comfy_gen.pipeline.artifact import Artifact
    from comfy_gen.pipeline.modifiers import Modifiers
    from comfy_gen.storage.requested import RequestedBuckets
    from comfy_gen.storage.store import ArtifactStore
    from comfy_gen.validation.gate import Gate

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0
"""Seconds between two attempts to become the worker of a database that another process works on."""


@dataclass(slots=True)
class Service:
    """What every face of the service shares. Lives on one loop."""

    settings: Settings
    queue: JobQueue
    artifacts: ArtifactStore
    room: Room
    cache: Cache
    keys: KeyStore
    planner: Planner
    composer: Composer
    library: Library
    favorites: Favorites
    presets: Presets
    named_files: NamedFiles
    buckets: RequestedBuckets
    sealed_extra: SealedExtra
    links: Links
    cookies: Cookies
    practice: Practice
    scoring: Scoring
    telling: Telling | None = None
    """What tells MLflow; None where none is set."""
    worker: Worker | None = None
    """None while another process does the work, or this one is not to."""
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it is known whether this process does the work."""

    @property
    def outbox(self) -> Outbox:
        """The webhooks."""
        return self.queue.outbox

    @property
    def saved(self) -> SavedWorkflows:
        """The workflows that people keep."""
        return self.planner.saved

    @property
    def modifiers(self) -> Modifiers:
        """What fills in workflows."""
        return self.planner.modifiers

    @property
    def knowledge(self) -> Knowledge:
        """What the engines have."""
        return self.planner.knowledge

    @property
    def fleet(self) -> Fleet | None:
        """The engines, live; None where there is no worker."""
        return None if self.worker is None else self.worker.fleet

    @property
    def gate(self) -> Gate | None:
        """What judges pictures; None where there is no worker."""
        return None if self.worker is None else self.worker.gate

    async def submit(self, caller: Caller, request: JobRequest) -> Accepted:
        """Accept a job of a caller; once this returns it survives whatever happens.

        Raises:
            OwnerQueueFullError: too many of theirs wait.
            JobError: the queue is full, or a key or id was used for something else.
            InvalidParameterError: a value of the request cannot work.
            DatabaseUnavailableError: nothing could be written.
        """
        limit = caller.max_waiting or self.settings.api.max_waiting
        if limit is not None and (waiting := await self.queue.store.count_waiting(caller.owner)) >= limit:
            raise OwnerQueueFullError(waiting, limit)
        (accepted,) = await self.queue.submit([replace(request, owner=caller.owner)])
        return accepted

    async def artifact(self, caller: Caller, artifact_id: str) -> Artifact:
        """Return an artifact of a caller's.

        Raises:
            ArtifactNotFoundError: there is none of this id, or it is somebody else's.
        """
        artifact, owner = await self.queue.store.artifact(artifact_id)
        if not caller.owns(owner):
            raise ArtifactNotFoundError(artifact_id)
        return artifact

    async def tell(self, generation_id: str, *, kept: str) -> None:
        """Have MLflow, if one is set, know of a generation as it is now.

        Raises:
            TrackingUnavailableError: it does not answer, and will be told later; ``kept`` says what is not lost.
        """
        if self.telling is not None:
            await self.telling.flush(generation_id, kept=kept)

    async def delete(self, job: Job) -> None:
        """Forget a job that has ended, with its files.

        Raises:
            JobStateError: it has not ended.
            FavoriteKeptError: it is a favorite.
            StorageError: a file cannot be deleted; the job is kept.
        """
        await delete_jobs(self.queue.store, self.artifacts, Selection([job.job_id]))
        await self.cache.drop(cache_key(job.job_id))


def cache_key(job_id: str) -> str:
    """Return what the result of a job is cached under."""
    return f"result:{job_id}"


@asynccontextmanager
async def open_image_service(settings: Settings) -> AsyncGenerator[Service]:
    """Open the service, and a worker with it, unless there shall be none, as soon as no other process is that.

    Raises:
        DatabaseError: the database cannot be used.
        ConfigurationError: what is set cannot work.
        StorageError: what jobs make cannot be kept.
    """
    async with AsyncExitStack() as stack:
        queue = await stack.enter_async_context(open_queue(settings))
        await queue.enter_configured()
        service = await _compose(queue, settings, stack)
        stack.push_async_callback(service.practice.close)
        await service.practice.resume()
        if settings.api.with_worker:
            working = asyncio.create_task(_keep_working(service))
            stack.push_async_callback(end, working)
            await service.has_begun.wait()
        yield service


async def _compose(queue: JobQueue, settings: Settings, stack: AsyncExitStack) -> Service:
    api, transactions = settings.api, queue.store.transactions
    secret = await asyncio.to_thread(secret_of, settings)
    cache = _cache(settings.cache)
    stack.push_async_callback(cache.close)
    artifacts = await open_artifacts(settings)
    telling = await stack.enter_async_context(open_telling(settings.tracking, transactions, artifacts))
    service: Service
    planner = await build_planner(queue, settings, fleet=lambda: service.fleet)
    service = Service(
        settings=settings,
        queue=queue,
        artifacts=artifacts,
        room=room_for_uploads(settings),
        cache=cache,
        keys=KeyStore(transactions),
        planner=planner,
        composer=build_composer(queue, settings, planner),
        library=Library(transactions),
        favorites=Favorites(transactions, is_tracked=bool(settings.tracking.url)),
        presets=Presets(transactions),
        named_files=NamedFiles(transactions),
        buckets=await requested_buckets(settings),
        sealed_extra=SealedExtra(secret),
        links=Links(secret, api.public_url, api.link_lifetime),
        cookies=Cookies(secret),
        practice=Practice(queue.store.roster, queue.signals),
        scoring=Scoring(settings, lambda: service.gate),
        telling=telling,
    )
    return service


def _cache(options: CacheOptions) -> Cache:
    if options.kind == "memory":
        return MemoryCache()
    from comfy_gen.cache.redis import RedisCache  # noqa: PLC0415  # an extra

    return RedisCache(options.host, options.port, options.db, options.password)


async def _keep_working(service: Service) -> None:
    """Be the worker, or wait until one is needed; a bug that ends it does not end the service."""
    is_told = False
    while True:
        try:
            async with AsyncExitStack() as stack:
                service.worker = await build_worker(service.queue, service.settings, stack)
                service.has_begun.set()
                await service.worker.run()
        except WorkerRunningError as error:
            if not is_told:
                log.info("another process does the work: %s", error)
                is_told = True
        except Exception:
            log.exception("the worker ended, and begins anew")
        finally:
            service.worker = None
            service.has_begun.set()
        await asyncio.sleep(LOOK_EVERY)
