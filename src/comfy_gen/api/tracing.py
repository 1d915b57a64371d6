"""Spans of requests and of jobs for OpenTelemetry, where its variables say where to send them; else nothing at all.

A request continues the trace that its client began (W3C ``traceparent``). A job outlives its request, so it has a trace
of its own, whose id is the job's without its hyphens: who knows a job finds its trace.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import comfy_gen
from comfy_gen.api.ended import ended_jobs
from comfy_gen.api.logs import Seen, route_of
from comfy_gen.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from opentelemetry.sdk.trace import TracerProvider
    from starlette.types import ASGIApp, Receive, Scope, Send

    from comfy_gen.api.ended import Endings
    from comfy_gen.jobs.job import Job

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""OpenTelemetry's own variables: with one of them set, spans are sent there."""
PATIENCE = 3.0
"""Seconds that sending may take, where no variable says so; that long, too, may the end of the service be held up."""
LOOK_EVERY = 5.0
"""Seconds between two looks for jobs that ended."""
STAGES = ("preprocess", "generate", "postprocess")

log = logging.getLogger(__name__)


def open_tracer(environ: Mapping[str, str] = os.environ) -> TracerProvider | None:
    """Return what makes spans, if the environment wants them and the extra ``tracing`` is there."""
    if not any(environ.get(name) for name in ENDPOINTS) or environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    try:
        # Late: an extra.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        log.warning("no traces are sent: pip install 'comfygen-server[tracing]'")
        return None
    usual = {"service.name": environ.get("OTEL_SERVICE_NAME") or "comfygen", "service.version": comfy_gen.__version__}
    provider = TracerProvider(resource=Resource.create(usual))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=_patience(environ))))
    return provider


def _patience(environ: Mapping[str, str]) -> float:
    try:
        return float(environ.get("OTEL_EXPORTER_OTLP_TIMEOUT") or PATIENCE)
    except ValueError:
        return PATIENCE


@asynccontextmanager
async def tracing_jobs(
    provider: TracerProvider | None, store: Endings, *, is_ours: Callable[[], bool] = lambda: True
) -> AsyncGenerator[None]:
    """Send spans of the jobs that end meanwhile, and at the end whatever is still to be sent.

    ``is_ours`` tells whether this is the one of several processes that does so.
    """
    if provider is None:
        yield
        return
    task = asyncio.create_task(_follow(provider, store, is_ours), name="tracing")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(provider.shutdown)


async def _follow(provider: TracerProvider, store: Endings, is_ours: Callable[[], bool]) -> None:
    ended = ended_jobs(store, since=time.time())
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            jobs = await ended.take()
        except DatabaseError as error:
            log.info("jobs are traced later: %s", error)
            continue
        for job in jobs if is_ours() else ():
            trace_job(provider, job)


class Part(NamedTuple):
    """A stage of a job: when it began and ended, in seconds since 1970."""

    name: str
    began: float
    ended: float


def parts_of(job: Job) -> Sequence[Part]:
    """Return the stages of a job one after the other, back from its end: only how long each took is kept."""
    parts: list[Part] = []
    end = job.ended or 0.0
    for name in reversed(STAGES):
        seconds = job.timings.get(name)
        if isinstance(seconds, int | float):
            parts.append(Part(name, end - seconds, end))
            end -= seconds
    if job.started is not None:
        parts.append(Part("wait", job.queued, min(job.started, end)))
    return parts[::-1]


def trace_job(provider: TracerProvider, job: Job) -> None:
    """Make the spans of a job that ended: one for all of it, and below it one for each stage."""
    from opentelemetry import trace  # noqa: PLC0415  # an extra
    from opentelemetry.trace.status import Status, StatusCode  # noqa: PLC0415

    tracer = provider.get_tracer("comfy_gen")
    facts = {"comfygen.job.id": job.job_id, "comfygen.job.state": job.state.value, "comfygen.job.attempt": job.attempt}
    if job.engine:
        facts["comfygen.engine"] = job.engine
    span = tracer.start_span("job", _context_of(job), attributes=facts, start_time=_nanoseconds(job.created))
    if job.failure is not None:
        span.set_status(Status(StatusCode.ERROR, job.failure.code))
    below = trace.set_span_in_context(span)
    for part in parts_of(job):
        tracer.start_span(part.name, below, start_time=_nanoseconds(part.began)).end(_nanoseconds(part.ended))
    span.end(_nanoseconds(job.ended or job.created))


def _context_of(job: Job) -> Any:
    """Return the context that gives a job's spans the job's id as their trace's."""
    from opentelemetry import trace  # noqa: PLC0415  # an extra

    number = uuid.UUID(job.job_id).int
    flags = trace.TraceFlags(trace.TraceFlags.SAMPLED)
    parent = trace.SpanContext(number, number & 0xFFFF_FFFF_FFFF_FFFF, is_remote=True, trace_flags=flags)
    return trace.set_span_in_context(trace.NonRecordingSpan(parent))


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1_000_000_000)


class Tracing:
    """Wraps an ASGI application: a span for each request. To be left out where there is no tracer."""

    def __init__(self, app: ASGIApp, provider: TracerProvider) -> None:
        from opentelemetry import trace  # noqa: PLC0415  # an extra
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        self._app = app
        self._tracer = provider.get_tracer("comfy_gen")
        self._propagator = TraceContextTextMapPropagator()
        self._trace = trace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request within a span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        context = self._propagator.extract(carrier)
        kind = self._trace.SpanKind.SERVER
        seen = Seen(time.perf_counter)
        with self._tracer.start_as_current_span(scope["method"], context, kind, record_exception=False) as span:
            try:
                await self._app(scope, receive, seen.listening(send))
            finally:
                route = route_of(scope)
                span.update_name(f"{scope['method']} {route}")
                span.set_attributes({"http.request.method": scope["method"], "http.route": route})
                span.set_attribute("http.response.status_code", seen.status)
                if seen.status >= 500:
                    span.set_status(self._trace.StatusCode.ERROR)
