from __future__ import annotations

import pytest

from comfy_gen.batch.job import make_job
from comfy_gen.batch.results import Results
from comfy_gen.comfyui import AsyncComfyUIClient
from comfy_gen.errors import CorruptOutputError, NoOutputError
from comfy_gen.sandbox import Sandbox
from tests.batch.conftest import graph


@pytest.fixture
async def sandbox():
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox):
    async with AsyncComfyUIClient(url=sandbox.url) as client:
        yield client


async def collected(results, client, workflow):
    job = make_job("a", workflow)
    return [path.name for path in await results.collect(job, await client.run_workflow(workflow), client)]


async def test_files_are_counted(client, tmp_path):
    two = graph()
    two["1"]["inputs"]["batch_size"] = 2
    assert await collected(Results(tmp_path), client, two) == ["a-1.png", "a-2.png"]


async def test_job_replaces_its_own_file_and_nobody_elses(client, tmp_path):
    (tmp_path / "a-1.png").write_text("somebody's")
    results = Results(tmp_path)
    assert await collected(results, client, graph()) == ["a-1-2.png"]
    assert (tmp_path / "a-1.png").read_text() == "somebody's"
    assert await collected(Results(tmp_path, {"a": ["a-1.png"]}), client, graph(2)) == ["a-1.png"]


async def test_second_attempt_replaces_the_first(client, tmp_path):
    results = Results(tmp_path)
    assert await collected(results, client, graph()) == await collected(results, client, graph(2)) == ["a-1.png"]


async def test_nothing_and_damaged_things_are_not_results(client, sandbox, tmp_path):
    outcome = await client.run_workflow(graph())
    empty = type(outcome)(outcome.prompt_id, outcome.ending, {})
    with pytest.raises(NoOutputError):
        await Results(tmp_path).collect(make_job("a", graph()), empty, client)
    sandbox.add_fault("corrupt_output")
    with pytest.raises(CorruptOutputError):
        await collected(Results(tmp_path), client, graph(3))
    assert list(tmp_path.iterdir()) == []
