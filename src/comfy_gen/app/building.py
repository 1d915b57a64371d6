"""Builds a worker with everything that it holds. Apart, for whoever only submits need not load it."""

from __future__ import annotations

import asyncio
import os
import socket
import time
import uuid
from typing import TYPE_CHECKING

from comfy_gen.app import artifacts_folder
from comfy_gen.engines.fleet import Fleet
from comfy_gen.engines.watchdog import WatchdogOptions
from comfy_gen.jobs.lock import WorkerLock
from comfy_gen.jobs.work.bench import Bench, WorkerOptions
from comfy_gen.jobs.work.deliveries import Deliveries
from comfy_gen.jobs.work.ruling import RetryOptions
from comfy_gen.jobs.work.worker import Worker
from comfy_gen.pipeline.assets import FetchOptions
from comfy_gen.pipeline.cache import AssetCache
from comfy_gen.pipeline.inputs import GatherOptions
from comfy_gen.storage.local import LocalStore
from comfy_gen.webhooks.delivery import Deliverer, DeliveryOptions

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from comfy_gen.app import JobQueue
    from comfy_gen.config import Settings


async def build_worker(queue: JobQueue, settings: Settings, stack: AsyncExitStack) -> Worker:
    """Return a worker on a queue; the stack closes what it holds.

    Raises:
        WorkerRunningError: another worker has this database, which is SQLite's.
        StorageError: the folder of the artifacts cannot be used.
    """
    options = _worker_options(settings)
    if queue.database.file is not None:
        stack.enter_context(WorkerLock(queue.database.file, name=queue.name))
    deliverer = await stack.enter_async_context(
        Deliverer(DeliveryOptions(timeout=settings.webhook.timeout, allow_private=settings.jobs.allow_private_urls))
    )
    wake = asyncio.Event()
    fleet = Fleet(
        client_options=settings.client_options(),
        on_change=wake.set,
        is_wanted=lambda job_id: worker.wants(job_id),  # noqa: PLW0108  # it is made below
    )
    stack.push_async_callback(fleet.close)
    await fleet.reconcile(await queue.enter_configured())
    bench = Bench(
        store=queue.store,
        fleet=fleet,
        artifacts=await LocalStore.open(artifacts_folder(settings)),
        cache=AssetCache(settings.jobs.data_dir / "assets"),
        worker=_worker_name(),
        options=options,
    )
    worker = Worker(
        bench,
        dispatcher=queue.dispatcher,
        signals=queue.signals,
        deliveries=Deliveries(queue.store, deliverer, clock=time.time),
        wake=wake,
    )
    return worker


def _worker_options(settings: Settings) -> WorkerOptions:
    jobs = settings.jobs
    return WorkerOptions(
        preprocess_workers=jobs.preprocess_workers,
        generation_workers=jobs.generation_workers,
        postprocess_workers=jobs.postprocess_workers,
        retry=RetryOptions(max_attempts=jobs.max_attempts),
        gathering=GatherOptions(FetchOptions(allow_private=jobs.allow_private_urls)),
        watchdog=WatchdogOptions(floor=settings.fleet.stuck_after),
    )


def _worker_name() -> str:
    """Return what this process is called in the store: never the same twice."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
