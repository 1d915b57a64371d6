"""What Prometheus asks for: how requests are answered, and how the queue, the engines and the webhooks are."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from comfy_gen.api import families
from comfy_gen.api.ended import Mark, Once, ended_jobs, take_mark
from comfy_gen.api.logs import Seen, route_of
from comfy_gen.api.tally import TakeTally, Tally
from comfy_gen.jobs.sql import judged, totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from prometheus_client.core import Metric
    from starlette.types import ASGIApp, Receive, Scope, Send

    from comfy_gen.app.service import Service
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.sql.judged import Judged
    from comfy_gen.jobs.store import JobStore

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The folder by which processes of one server share their counts; ``comfygen serve`` makes it for several of them."""
BEGAN = "began"
"""The file in it that is as old as the first of these processes."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
COUNT_FILES_EVERY = 60.0
"""Seconds: all artifacts are summed up, which takes a moment where there are millions."""


class Metrics:
    """The counts of this process, and how to ask for all others. Needs no `start`: it works when it is asked."""

    def __init__(self, *, clock: Callable[[], float] = time.time, shared: str = "") -> None:
        """Count from now on; ``shared`` is the folder of `SHARED`, if there is one."""
        disable_created_metrics()  # they would double the series, and say only when this process began
        self._clock = clock
        self._shared = shared
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "comfygen_http_requests_total",
            "Requests that were answered, by route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "comfygen_http_request_duration_seconds",
            "How long it took until an answer began; a stream goes on after that.",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.open = Gauge(
            "comfygen_http_requests_open",
            "Requests that are being answered, streams among them.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._since = _beginning(Path(shared)) if shared else clock()
        self._tally, self._takes = Tally(), TakeTally()
        self._news: tuple[Once[Job], Once[Judged]] | None = None
        self._lock = asyncio.Lock()
        self._stored = (0, 0)
        self._stored_at = -COUNT_FILES_EVERY

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; a status of 0 is a client that left."""
        known = method if method in METHODS else "other"
        self._requests.labels(known, route, str(status or "none")).inc()
        self._seconds.labels(known, route).observe(seconds)

    async def render(self, service: Service) -> bytes:
        """Return all metrics as Prometheus reads them.

        Raises:
            DatabaseUnavailableError: the database cannot be read.
        """
        async with self._lock:
            found = await self._ask(service)
        others = CollectorRegistry()
        others.register(_Found(found))
        return generate_latest(self._of_requests()) + generate_latest(others)

    def _of_requests(self) -> CollectorRegistry:
        if not self._shared:
            return self.registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry, self._shared)
        return registry

    async def _ask(self, service: Service) -> list[Metric]:
        store, transactions = service.queue.store, service.queue.store.transactions
        await self._count(store)
        owners, oldest = await transactions.read(totals.waiting)
        waited = 0.0 if oldest is None else max(self._clock() - oldest, 0.0)
        if self._clock() - self._stored_at >= COUNT_FILES_EVERY:
            self._stored, self._stored_at = await transactions.read(totals.stored), self._clock()
        return [
            families.build(),
            *families.queue(await store.count(), owners, waited),
            *self._tally.families(),
            self._takes.family(),
            families.registered(await store.roster.engines()),
            *(families.engines(service.fleet.health()) if service.fleet else ()),
            families.webhooks(await service.outbox.counts()),
            *families.stored(*self._stored),
        ]

    async def _count(self, store: JobStore) -> None:
        """Count what happened since it was last counted."""
        if self._news is None:
            self._news = ended_jobs(store, since=self._since), _judged_takes(store, since=self._since)
        ends, takes = self._news
        self._tally.add(await ends.take())
        self._takes.add(await takes.take())


def _judged_takes(store: JobStore, *, since: float) -> Once[Judged]:
    async def after(mark: Mark, limit: int) -> Sequence[Judged]:
        return await store.transactions.read(lambda connection: judged.judged_after(connection, *mark, limit))

    return Once(after, take_mark, since=since)


class _Found(Collector):
    """Hands over metrics that were asked for before: a registry cannot wait for a database."""

    def __init__(self, found: Iterable[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterable[Metric]:
        return self._found

    def describe(self) -> Iterable[Metric]:
        return ()


class HttpMetrics:
    """Wraps an ASGI application: each request is counted by its route."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._metrics = metrics
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = Seen(self._clock)
        with self._metrics.open.track_inprogress():
            try:
                await self._app(scope, receive, seen.listening(send))
            except Exception:
                seen.begin(500)
                raise
            finally:
                self._metrics.observe(scope["method"], route_of(scope), seen.status, seen.seconds)


def shared_folder() -> str:
    """Return the folder of `SHARED`; empty where this process serves alone. The variable is the library's."""
    return os.environ.get(SHARED, "")


def _beginning(folder: Path) -> float:
    """Return from when on the processes of this server count jobs: all from the same moment, so that they agree."""
    file = folder / BEGAN
    with suppress(FileExistsError):  # another process was first
        file.touch(exist_ok=False)
    return file.stat().st_mtime
