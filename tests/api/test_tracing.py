from __future__ import annotations

import asyncio
import logging
import sys

import httpx
import pytest
from fastapi import FastAPI

from comfy_gen.api import tracing
from comfy_gen.api.tracing import Part, Tracing, open_tracer, parts_of, trace_job, tracing_jobs
from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.failure import JobFailure
from comfy_gen.jobs.job import Job, JobState

sdk = pytest.importorskip("opentelemetry.sdk.trace")
JOB_ID = "0f0e0d0c-0b0a-4908-8706-050403020100"
TIMINGS = {"waited": 1.0, "preprocess": 1.0, "generate": 5.0, "postprocess": 2.0, "nodes": {"3": 5.0}}
JOB = Job(JOB_ID, JobState.COMPLETED, created=99, queued=100, started=101, ended=110, engine="a", timings=TIMINGS)


@pytest.fixture
def spans():
    """A provider, with `found` for what it was given."""
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    provider.found = exporter.get_finished_spans
    return provider


async def ask(provider, path, **headers):
    app = FastAPI()

    @app.get("/jobs/{job_id}")
    async def job(job_id: str) -> str:
        return job_id

    @app.get("/fails")
    async def fails() -> None:
        raise ZeroDivisionError

    transport = httpx.ASGITransport(Tracing(app, provider), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        await client.get(path, headers=headers)


async def test_request_is_a_span_of_its_route_in_the_clients_trace(spans):
    await ask(spans, "/jobs/1?token=sesame", traceparent=f"00-{'ab' * 16}-{'cd' * 8}-01")
    (span,) = spans.found()
    assert span.name == "GET /jobs/{job_id}"
    assert span.kind.name == "SERVER"
    assert span.context.trace_id == int("ab" * 16, 16)
    assert span.parent.span_id == int("cd" * 8, 16)
    assert dict(span.attributes) == {
        "http.request.method": "GET",
        "http.route": "/jobs/{job_id}",
        "http.response.status_code": 200,
    }


async def test_bug_is_an_error_of_the_span(spans):
    await ask(spans, "/fails", traceparent="nonsense")
    (span,) = spans.found()
    assert span.status.status_code.name == "ERROR"
    assert span.parent is None


async def test_other_protocols_pass_untraced(spans):
    seen = []

    async def inner(scope, receive, send):
        seen.append(scope["type"])

    await Tracing(inner, spans)({"type": "lifespan"}, None, None)
    assert seen == ["lifespan"]
    assert spans.found() == ()


def test_stages_lie_one_after_the_other():
    assert parts_of(JOB) == [
        Part("wait", 100, 101),
        Part("preprocess", 102.0, 103.0),
        Part("generate", 103.0, 108.0),
        Part("postprocess", 108.0, 110),
    ]
    assert parts_of(Job(JOB_ID, JobState.CANCELLED, ended=10.0)) == []


def test_job_has_a_trace_of_its_own_id(spans):
    trace_job(spans, JOB)
    *stages, whole = spans.found()
    assert format(whole.context.trace_id, "032x") == JOB_ID.replace("-", "")
    assert [span.name for span in stages] == ["wait", "preprocess", "generate", "postprocess"]
    assert {span.parent.span_id for span in stages} == {whole.context.span_id}
    assert (whole.start_time, whole.end_time) == (99_000_000_000, 110_000_000_000)
    assert whole.attributes["comfygen.engine"] == "a"


def test_failed_job_is_an_error_by_its_code(spans):
    trace_job(spans, Job(JOB_ID, JobState.FAILED, ended=1.0, failure=JobFailure("out_of_memory", "no room")))
    (span,) = spans.found()
    assert (span.status.status_code.name, span.status.description) == ("ERROR", "out_of_memory")


def test_no_variable_no_tracer():
    assert open_tracer({}) is None
    assert open_tracer({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}) is None


def test_variable_makes_a_tracer():
    provider = open_tracer({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SERVICE_NAME": "pictures"})
    assert provider.resource.attributes["service.name"] == "pictures"
    provider.shutdown()


@pytest.mark.parametrize(("said", "patience"), [("", tracing.PATIENCE), ("7", 7.0), ("soon", tracing.PATIENCE)])
def test_nobody_is_waited_for_longer_than_is_set(said, patience):
    assert tracing._patience({"OTEL_EXPORTER_OTLP_TIMEOUT": said}) == patience


def test_missing_extra_is_told_and_costs_nothing(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with caplog.at_level(logging.WARNING):
        assert open_tracer({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1"}) is None
    assert caplog.messages == ["no traces are sent: pip install 'comfygen-server[tracing]'"]


class Endings:
    """A store that fails first."""

    def __init__(self):
        self.asked = 0
        self.was_asked_thrice = asyncio.Event()

    async def ended_after(self, ended, job_id="", limit=1000):
        self.asked += 1
        if self.asked == 1:
            raise DatabaseUnavailableError("sqlite", "locked")
        if self.asked == 3:
            self.was_asked_thrice.set()
        return [Job(JOB_ID, JobState.COMPLETED, ended=ended + 60)] if self.asked == 2 else []


@pytest.mark.parametrize(("is_ours", "count"), [(True, 1), (False, 0)])
async def test_jobs_that_end_are_traced_by_one_process(spans, monkeypatch, is_ours, count):
    monkeypatch.setattr(tracing, "LOOK_EVERY", 0)
    store = Endings()
    async with asyncio.timeout(5), tracing_jobs(spans, store, is_ours=lambda: is_ours):
        await store.was_asked_thrice.wait()
    assert len(spans.found()) == count


async def test_without_a_tracer_nothing_is_asked():
    store = Endings()
    async with tracing_jobs(None, store):
        await asyncio.sleep(0)
    assert store.asked == 0
