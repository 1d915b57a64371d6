"""Jobs whose files a bucket keeps, from the request to the copy on a person's disk, over a real S3 server."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import replace

import pytest

from comfy_gen.app.artifacts import open_artifacts
from comfy_gen.cli.jobs.saving import Wanted, save_jobs
from comfy_gen.cli.jobs.submitting import _paths, _print_ended
from comfy_gen.config import Settings
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.request import JobRequest
from comfy_gen.sandbox import Sandbox
from tests.e2e.conftest import serving

GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 600, "height": 600, "batch_size": 2, "color": 1}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}


@pytest.fixture
async def settings(tmp_path, rclone_bucket):
    async with Sandbox() as engine:
        usual = Settings()
        yield replace(
            usual,
            fleet=replace(usual.fleet, engines=f"e0={engine.url}"),
            jobs=replace(usual.jobs, data_dir=tmp_path / "data"),
            bucket=rclone_bucket,
        )


async def completed(queue):
    (accepted,) = await queue.submit([JobRequest(GRAPH)])
    async with asyncio.timeout(30):
        async for _ in queue.watch(accepted.job.job_id):
            pass
    job = await queue.store.get(accepted.job.job_id)
    assert job.state is JobState.COMPLETED
    return job


async def test_files_and_their_small_pictures_are_in_the_bucket_alone(settings):
    async with serving(settings) as (queue, _):
        job = await completed(queue)
        artifacts = await queue.store.artifacts(job.job_id)
    store = await open_artifacts(settings)
    assert len(artifacts) == 2
    for one in artifacts:
        content = b"".join([chunk async for chunk in store.read(one.key)])
        assert hashlib.sha256(content).hexdigest() == one.sha256
        assert await store.exists(one.thumbnail_key)
        assert queue.artifact_path(one) is None
    assert not (settings.jobs.data_dir / "artifacts").exists()


async def test_files_of_a_bucket_are_saved_to_a_folder(settings, tmp_path, capsys):
    async with serving(settings) as (queue, _):
        job = await completed(queue)
        await save_jobs(queue, [job.job_id], Wanted(str(tmp_path / "out"), as_json=True))
        artifacts = await queue.store.artifacts(job.job_id)
    told = [one["path"] for one in json.loads(capsys.readouterr().out)["files"]]
    kept = sorted((tmp_path / "out").iterdir())
    assert sorted(told) == [str(path) for path in kept]
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}
    assert digests == {one.sha256 for one in artifacts}


async def test_files_of_a_bucket_have_no_path_until_they_are_saved(settings, capsys):
    async with serving(settings) as (queue, _):
        job = await completed(queue)
        assert await _paths(queue, job, None) == [None, None]
        _print_ended([job], {job.job_id: await _paths(queue, job, None)})
    assert "comfygen jobs save" in capsys.readouterr().out
