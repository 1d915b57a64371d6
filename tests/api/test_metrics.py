from __future__ import annotations

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import StreamingResponse

from comfy_gen.api.metrics import COUNT_FILES_EVERY, HttpMetrics, Metrics
from comfy_gen.app import open_queue
from comfy_gen.config import JobOptions, Settings
from comfy_gen.jobs.outbox import Outbox
from comfy_gen.jobs.records import Selection
from comfy_gen.jobs.request import JobRequest
from comfy_gen.validation.quality import Quality
from tests.api.taking import end, take
from tests.api.test_families import status

GRAPH = {"1": {"class_type": "EmptyImage", "inputs": {}}}


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
async def service(tmp_path):
    async with open_queue(Settings(jobs=JobOptions(data_dir=tmp_path))) as queue:
        yield SimpleNamespace(queue=queue, fleet=None, worker=None, outbox=Outbox(queue.store.transactions))


def read(text):
    """Return the value of each sample by its name and its labels, these in the order of their names."""
    families = list(text_string_to_metric_families(text.decode()))
    assert all(family.documentation for family in families)
    assert all(family.name.startswith("comfygen_") for family in families)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


async def ask(app, metrics, *paths, method="GET"):
    transport = httpx.ASGITransport(HttpMetrics(app, metrics), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return [await client.request(method, path) for path in paths]


def application(metrics):
    app = FastAPI()

    @app.get("/jobs/{job_id}")
    async def job(job_id: str) -> float:
        (sample,) = next(iter(metrics.open.collect())).samples
        return sample.value

    @app.get("/fails")
    async def fails() -> None:
        raise ZeroDivisionError

    return app


async def test_requests_are_counted_by_route_not_by_path(service):
    metrics = Metrics()
    answers = await ask(application(metrics), metrics, "/jobs/1", "/jobs/2?x=3", "/nowhere/1", "/nowhere/2", "/fails")
    assert answers[0].json() == 1.0
    found = read(await metrics.render(service))
    assert found["comfygen_http_requests_total", "GET", "/jobs/{job_id}", "200"] == 2
    assert found["comfygen_http_requests_total", "GET", "-", "404"] == 2
    assert found["comfygen_http_requests_total", "GET", "/fails", "500"] == 1
    assert found["comfygen_http_request_duration_seconds_count", "GET", "/jobs/{job_id}"] == 2
    assert found["comfygen_http_requests_open",] == 0


async def test_invented_methods_make_one_series(service):
    metrics = Metrics()
    for method in ("BREW", "BOIL"):
        await ask(application(metrics), metrics, "/jobs/1", method=method)
    found = read(await metrics.render(service))
    assert found["comfygen_http_requests_total", "other", "/jobs/{job_id}", "405"] == 2


async def test_stream_is_timed_to_its_first_byte(service):
    clock = Clock()
    app = FastAPI()

    async def parts():
        clock.now += 5
        yield "x"

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        clock.now += 1
        return StreamingResponse(parts())

    metrics = Metrics()
    transport = httpx.ASGITransport(HttpMetrics(app, metrics, clock=clock))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        await client.get("/stream")
    found = read(await metrics.render(service))
    assert found["comfygen_http_request_duration_seconds_sum", "GET", "/stream"] == 1


async def test_other_protocols_are_not_counted(service):
    seen = []

    async def inner(scope, receive, send):
        seen.append(scope["type"])

    await HttpMetrics(inner, Metrics())({"type": "lifespan"}, None, None)
    assert seen == ["lifespan"]


async def test_queue_webhooks_and_files_are_told(service):
    queue, clock = service.queue, Clock()
    metrics = Metrics(clock=clock)
    await queue.enter_configured()
    await queue.store.accept_all([JobRequest(GRAPH), JobRequest(GRAPH, owner="bob")], now=clock.now - 30)
    found = read(await metrics.render(service))
    assert found["comfygen_jobs", "queued"] == 2
    assert found["comfygen_queue_owners",] == 2
    assert found["comfygen_queue_oldest_seconds",] == 30
    assert found["comfygen_webhooks", "pending"] == 0
    assert found["comfygen_artifacts_bytes",] == 0
    assert ("comfygen_engine_registered", "127.0.0.1:8188", "active") in found


async def test_jobs_that_end_are_counted_once(service):
    store, clock = service.queue.store, Clock()
    metrics = Metrics(clock=clock)
    (accepted,) = await store.accept_all([JobRequest(GRAPH)], now=clock.now)
    await store.cancel(Selection([accepted.job.job_id]), now=clock.now + 1)
    for _ in range(2):
        found = read(await metrics.render(service))
        assert found["comfygen_jobs_ended_total", "", "cancelled"] == 1


async def test_takes_are_counted_once(service):
    store, metrics = service.queue.store, Metrics(clock=lambda: time.time() - 60)
    (accepted,) = await store.accept_all([JobRequest(GRAPH, quality=Quality())], now=time.time())
    await end(store, accepted.job.job_id, [take(accepted.job.job_id, 1, passed=True)])
    for _ in range(2):
        found = read(await metrics.render(service))
        (label,) = [name for name in found if name[0] == "comfygen_quality_takes_total"]
        assert found[label] == 1
        assert {"passed", "sd15"} < {*label}
        assert found["comfygen_quality_jobs_total", "passed"] == 1


async def test_engines_are_told_where_the_worker_is(service):
    service.fleet = SimpleNamespace(health=lambda: [status()])
    found = read(await Metrics().render(service))
    assert found["comfygen_engine_condition", "up", "a"] == 1


async def test_files_are_summed_up_now_and_then(service, monkeypatch):
    clock = Clock()
    metrics = Metrics(clock=clock)
    await metrics.render(service)
    sums = iter([(2, 300)])
    monkeypatch.setattr("comfy_gen.api.metrics.totals.stored", lambda _: next(sums))
    clock.now += COUNT_FILES_EVERY / 2
    assert read(await metrics.render(service))["comfygen_artifacts",] == 0
    clock.now += COUNT_FILES_EVERY
    assert read(await metrics.render(service))["comfygen_artifacts_bytes",] == 300


COUNT_TWICE = """
from prometheus_client import generate_latest
from comfy_gen.api.metrics import Metrics, shared_folder
metrics = Metrics(shared=shared_folder())
metrics.observe("GET", "/jobs", 200, 0.1)
print(generate_latest(metrics._of_requests()).decode(), metrics._since)
"""


def test_processes_of_one_server_add_up_their_counts(tmp_path):
    environ = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    run = [sys.executable, "-c", COUNT_TWICE]
    first, second = (subprocess.run(run, env=environ, capture_output=True, text=True, check=True).stdout for _ in "ab")
    sample = 'comfygen_http_requests_total{method="GET",route="/jobs",status="200"}'
    assert f"{sample} 1.0" in first
    assert f"{sample} 2.0" in second
    assert first.split()[-1] == second.split()[-1]
