"""MLflow from the job to the run: told by the service itself, and known by the id of its run."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.api.app import create_app
from comfy_gen.app import open_service
from comfy_gen.config import Settings
from comfy_gen.config.settings import TrackingOptions
from comfy_gen.jobs.ending import end
from comfy_gen.jobs.job import JobRequest
from comfy_gen.library.generations import Library
from comfy_gen.library.mlflow import load
from comfy_gen.sandbox import Sandbox
from tests.api.conftest import client_of, picture_graph

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import httpx

    from tests.mlflow import MlflowServer

PATIENCE = 30


def settings_of(folder: Path, engine: Sandbox, tracking: TrackingOptions) -> Settings:
    usual = Settings()
    fleet = replace(usual.fleet, engines=f"sandbox={engine.url}")
    return replace(usual, fleet=fleet, jobs=replace(usual.jobs, data_dir=folder), tracking=tracking)


@asynccontextmanager
async def served(folder: Path, url: str, experiment: str) -> AsyncGenerator[httpx.AsyncClient]:
    """A service that tells the server at that address."""
    async with asyncio.timeout(PATIENCE), Sandbox() as engine:
        app = create_app(settings_of(folder, engine, TrackingOptions(url, experiment)))
        async with app.router.lifespan_context(app), client_of(app) as client:
            yield client


async def made(client: httpx.AsyncClient) -> str:
    """Have a picture made, and return its generation's id."""
    answer = await client.post("/generate/sync", json={"input": {"workflow_json": picture_graph()}})
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


@pytest.fixture
def experiment(request: pytest.FixtureRequest) -> str:
    return request.node.nodeid


async def test_a_generation_is_a_run_and_is_known_by_its_id(
    tmp_path: Path, mlflow_server: MlflowServer, experiment: str
):
    async with served(tmp_path, mlflow_server.url, experiment) as client:
        assert (await client.get("/health")).json()["mlflow_available"] is True
        generation_id = await made(client)
        while (run_id := (await client.get(f"/library/{generation_id}")).json()["run_id"]) is None:
            await asyncio.sleep(0.05)
        answer = await client.post("/favorites", json={"generation_id": run_id, "rating": 4, "tags": ["best"]})
        assert (answer.status_code, answer.json()["generation_id"]) == (201, generation_id)
    mlflow: Any = load().MlflowClient(mlflow_server.url)
    run = await asyncio.to_thread(mlflow.get_run, run_id)
    assert run.data.tags["comfygen.generation_id"] == generation_id
    assert (run.data.tags["favorite.rating"], run.data.tags["favorite.tags"]) == ("4", "best")
    files = {one.path for one in await asyncio.to_thread(mlflow.list_artifacts, run_id)}
    assert {"recipe.json", "thumbnail.webp", "image-1.png"} <= files


async def test_a_favorite_is_kept_while_mlflow_is_away_and_told_afterwards(
    tmp_path: Path, mlflow_server: MlflowServer, experiment: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("comfy_gen.app.telling.SHORTEST", 0.05)
    async with served(tmp_path, "http://127.0.0.1:1", experiment) as client:
        assert (await client.get("/health")).json()["mlflow_available"] is False
        generation_id = await made(client)
        answer = await client.post("/favorites", json={"generation_id": generation_id, "rating": 5})
        assert answer.status_code == 503
        error = answer.json()["error"]
        assert error["code"] == "tracking_unavailable"
        assert re.search(r"the favorite \w+ is kept here", error["message"])
        kept = (await client.get("/favorites")).json()
        assert (kept["total"], kept["favorites"][0]["rating"]) == (1, 5)
    async with served(tmp_path, mlflow_server.url, experiment) as client:
        while (run_id := (await client.get(f"/library/{generation_id}")).json()["run_id"]) is None:
            await asyncio.sleep(0.05)
    mlflow: Any = load().MlflowClient(mlflow_server.url)
    run = await asyncio.to_thread(mlflow.get_run, run_id)
    assert run.data.tags["favorite.rating"] == "5"


async def test_no_server_is_available_where_none_is_set(tmp_path: Path, experiment: str):
    async with served(tmp_path, "", experiment) as client:
        assert (await client.get("/health")).json()["mlflow_available"] is False
        answer = await client.post("/favorites", json={"generation_id": await made(client), "rating": 5})
        assert answer.status_code == 201


async def test_a_worker_without_a_service_tells_too(tmp_path: Path, mlflow_server: MlflowServer, experiment: str):
    async with asyncio.timeout(PATIENCE), Sandbox() as engine:
        settings = settings_of(tmp_path, engine, TrackingOptions(mlflow_server.url, experiment))
        async with open_service(settings) as (queue, worker):
            working = asyncio.create_task(worker.run())
            (accepted,) = await queue.submit([JobRequest(picture_graph())])
            library = Library(queue.store.transactions)
            while not (found := (await library.search()).generations) or found[0].run_id is None:
                await asyncio.sleep(0.05)
            await end(working)
    assert found[0].generation_id == accepted.job.job_id
