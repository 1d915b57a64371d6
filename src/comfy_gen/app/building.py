"""Builds a worker with everything that it holds. Apart, for whoever only submits need not load it."""

from __future__ import annotations

import asyncio
import os
import socket
import time
import uuid
from typing import TYPE_CHECKING, Any

from comfy_gen.app.artifacts import open_artifacts
from comfy_gen.app.gating import build_gate
from comfy_gen.app.links import Links
from comfy_gen.app.preloading import preload_of
from comfy_gen.app.secret import secret_of
from comfy_gen.engines.fleet import Fleet
from comfy_gen.engines.watchdog import WatchdogOptions
from comfy_gen.jobs.extra_data import SealedExtra
from comfy_gen.jobs.lock import WorkerLock
from comfy_gen.jobs.work.bench import Bench, WorkerOptions
from comfy_gen.jobs.work.deliveries import Deliveries
from comfy_gen.jobs.work.ruling import RetryOptions
from comfy_gen.jobs.work.worker import Worker
from comfy_gen.pipeline.assets import FetchOptions
from comfy_gen.pipeline.cache import AssetCache
from comfy_gen.pipeline.inputs import GatherOptions
from comfy_gen.storage.requested import RequestedBuckets
from comfy_gen.storage.seal import Seal
from comfy_gen.validation.safety import SafetyCheck, is_available
from comfy_gen.webhooks.delivery import Deliverer, DeliveryOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AsyncExitStack

    from comfy_gen.app import JobQueue
    from comfy_gen.config import Settings

_GRACE = 30.0
"""Seconds that it may take, after an attempt at a webhook, to write how it went."""


async def build_worker(queue: JobQueue, settings: Settings, stack: AsyncExitStack) -> Worker:
    """Return a worker on a queue; the stack closes what it holds.

    Raises:
        WorkerRunningError: another worker has this database, which is SQLite's.
        StorageError: the folder or the bucket of the artifacts cannot be used.
        OutputPathError: the installation's secret cannot be kept.
        MissingExtraError: pictures are to be looked at, and nothing that does is installed.
        ScoringModelError: the model that compares pictures with prompts should be here, and is not.
        ModelManifestError: the manifest of models, which says what engines load ahead of jobs, cannot be used.
    """
    options = _worker_options(settings)
    if queue.database.file is not None:
        stack.enter_context(WorkerLock(queue.database.file, name=queue.name))
    deliverer = await stack.enter_async_context(Deliverer(_delivery_options(settings)))
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
        artifacts=await open_artifacts(settings),
        requested=await requested_buckets(settings),
        sealed_extra=SealedExtra(await asyncio.to_thread(secret_of, settings)),
        cache=AssetCache(settings.jobs.data_dir / "assets"),
        worker=_worker_name(),
        options=options,
        previews=queue.previews,
        relay=queue.relay,
        safety=safety_check(settings),
        gate=build_gate(settings),
    )
    worker = Worker(
        bench,
        dispatcher=queue.dispatcher,
        signals=queue.signals,
        deliveries=Deliveries(
            queue.outbox,
            deliverer,
            clock=time.time,
            lease=settings.webhook.timeout + _GRACE,
            link=await _link(settings),
        ),
        wake=wake,
    )
    return worker


async def requested_buckets(settings: Settings) -> RequestedBuckets:
    """Return what makes and opens the buckets that requests name.

    Raises:
        OutputPathError: the installation's secret cannot be kept.
    """
    seal = Seal(await asyncio.to_thread(secret_of, settings))
    return RequestedBuckets(seal, allow_private=settings.jobs.allow_private_urls)


def safety_check(settings: Settings) -> SafetyCheck | None:
    """Return what looks at pictures of the general tier; None where nothing does.

    Raises:
        MissingExtraError: it is wanted, and is not installed.
    """
    policy = settings.policy
    if policy.check_pictures == "no" or (policy.check_pictures == "auto" and not is_available()):
        return None
    return SafetyCheck(policy.threshold)


async def _link(settings: Settings) -> Callable[[Mapping[str, Any]], str] | None:
    """Return what makes a link to an output; None where nobody said by which address receivers reach the service."""
    api = settings.api
    if not api.public_url:
        return None
    links = Links(await asyncio.to_thread(secret_of, settings), api.public_url, api.link_lifetime)
    return lambda output: links.sign(output["id"])


def _worker_options(settings: Settings) -> WorkerOptions:
    jobs = settings.jobs
    return WorkerOptions(
        preprocess_workers=jobs.preprocess_workers,
        generation_workers=jobs.generation_workers,
        postprocess_workers=jobs.postprocess_workers,
        retry=RetryOptions(max_attempts=jobs.max_attempts),
        gathering=GatherOptions(FetchOptions(allow_private=jobs.allow_private_urls)),
        watchdog=WatchdogOptions(floor=settings.fleet.stuck_after),
        is_tracked=bool(settings.tracking.url),
        preload=preload_of(settings),
    )


def _delivery_options(settings: Settings) -> DeliveryOptions:
    return DeliveryOptions(
        timeout=settings.webhook.timeout,
        allow_private=settings.jobs.allow_private_urls,
        secret=settings.webhook.secret,
    )


def _worker_name() -> str:
    """Return what this process is called in the store: never the same twice."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
