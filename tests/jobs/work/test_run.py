import asyncio
import time
from dataclasses import replace

import aiohttp
import pytest
from sqlalchemy import select

from comfy_gen.app import open_queue
from comfy_gen.config import Settings
from comfy_gen.engines.fleet import Fleet
from comfy_gen.engines.registry import parse_entry
from comfy_gen.errors import EngineLostError, StorageError, StuckPromptError
from comfy_gen.jobs.extra_data import SealedExtra
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.relay import Begun, Over, Said
from comfy_gen.jobs.request import JobRequest
from comfy_gen.jobs.tables import generations
from comfy_gen.jobs.work.bench import Bench, WorkerOptions
from comfy_gen.jobs.work.run import JobRun
from comfy_gen.library.generations import Library
from comfy_gen.pipeline.cache import AssetCache
from comfy_gen.sandbox import Sandbox
from comfy_gen.storage.bucket_store import BucketStore
from comfy_gen.storage.local import LocalStore
from comfy_gen.storage.requested import RequestedBuckets
from comfy_gen.storage.seal import Login, Seal
from comfy_gen.validation.safety import SafetyCheck
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.edits import set_size, set_steps
from tests.s3 import LOGIN

PROMPT_ID = "11111111-2222-4333-8444-555555555555"
GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 1}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}


@pytest.fixture
async def sandbox():
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def bench(tmp_path, sandbox):
    settings = replace(Settings(), jobs=replace(Settings().jobs, data_dir=tmp_path))
    async with open_queue(settings) as queue, Fleet() as fleet:
        await fleet.reconcile([parse_entry(f"e0={sandbox.url}")])
        await fleet.refresh("e0")
        yield Bench(
            store=queue.store,
            fleet=fleet,
            artifacts=await LocalStore.open(tmp_path / "artifacts"),
            requested=RequestedBuckets(Seal("a secret of tests"), allow_private=True),
            sealed_extra=SealedExtra("secret"),
            cache=AssetCache(tmp_path / "assets"),
            worker="first",
            options=WorkerOptions(),
        )


async def claimed(bench, **asked):
    (accepted,) = await bench.store.accept_all([JobRequest(GRAPH, **asked)], now=time.time())
    return await bench.store.claim(
        accepted.job.job_id, worker="first", engine="e0", prompt_id=PROMPT_ID, now=time.time()
    )


async def until(is_so):
    async with asyncio.timeout(10):
        while not await is_so():
            await asyncio.sleep(0.01)


async def prompts(lease):
    return (await lease.client.read_queue()).prompt_ids


async def is_there(lease):
    return PROMPT_ID in await prompts(lease)


async def test_job_that_ends_well_is_recorded_with_its_engine(bench):
    claim = await claimed(bench, owner="ann", tier="general")
    with bench.fleet.take("e0", claim.job.job_id) as lease:
        await JobRun(bench, claim, lease).run()
    one = await Library(bench.store.transactions).get(claim.job.job_id)
    assert (one.owner, one.tier, one.engine) == ("ann", "general", "e0")
    assert bench.fleet.engine("e0").version.endswith(one.comfyui_version)
    assert one.comfyui_version
    assert "generate" in one.timings
    assert list(one.artifacts) == await bench.store.artifacts(claim.job.job_id) != []


async def test_job_that_fails_is_not_recorded(bench, sandbox):
    claim = await claimed(bench)
    with bench.fleet.take("e0", claim.job.job_id) as lease:
        run = JobRun(bench, claim, lease)
        run.cancel()
        await run.run()
    assert await Library(bench.store.transactions).count() == 0


async def test_job_is_brought_to_its_end(bench):
    claim = await claimed(bench)
    with bench.fleet.take("e0", claim.job.job_id) as lease:
        await JobRun(bench, claim, lease).run()
    job = await bench.store.get(claim.job.job_id)
    assert job.state is JobState.COMPLETED
    assert len(await bench.store.artifacts(job.job_id)) == 1


@pytest.mark.parametrize("reason", [StuckPromptError(PROMPT_ID, "e0", 60.0), EngineLostError("e0", PROMPT_ID, "gone")])
async def test_prompt_that_a_newer_attempt_follows_is_not_stopped_by_the_one_before(bench, sandbox, reason):
    sandbox.add_fault("slow:seconds=0.3")
    claim = await claimed(bench)
    with bench.fleet.take("e0", claim.job.job_id) as lease:
        run = JobRun(bench, claim, lease)
        running = asyncio.create_task(run.run())
        await until(lambda: is_there(lease))
        newer = await bench.store.claim(claim.job.job_id, worker="second", now=time.time(), take_over=True)
        run.call_off(reason)
        await running
    await bench.fleet.refresh("e0")  # it would clear away what nobody wants
    with bench.fleet.take("e0", claim.job.job_id) as lease:
        await JobRun(bench, newer, lease, is_taken_over=True).run()
    job = await bench.store.get(claim.job.job_id)
    assert (job.state, sandbox.prompts_received) == (JobState.COMPLETED, 1)


async def test_prompt_of_a_job_that_is_not_wanted_any_more_is_stopped(bench, sandbox):
    sandbox.add_fault("slow:seconds=60")
    claim = await claimed(bench)
    with bench.fleet.take("e0", claim.job.job_id) as lease:
        run = JobRun(bench, claim, lease)
        running = asyncio.create_task(run.run())
        await until(lambda: is_there(lease))
        run.cancel()
        await running
        assert not await prompts(lease)
    assert (await bench.store.get(claim.job.job_id)).state is JobState.CANCELLED


async def test_disk_without_room_is_waited_for_before_and_after_the_engine(bench, monkeypatch):
    failures = {"gather": 1, "collect": 1}

    def once(name, work):
        async def fail_once(*given, **named):
            if failures[name]:
                failures[name] -= 1
                raise StorageError("a.png", "No space left on device")
            return await work(*given, **named)

        return fail_once

    from comfy_gen.jobs.work import bench as patience
    from comfy_gen.jobs.work import keeping
    from comfy_gen.jobs.work import run as module

    monkeypatch.setattr(patience, "STORING_DELAYS", (0.0,))
    monkeypatch.setattr(module, "gather", once("gather", module.gather))
    monkeypatch.setattr(keeping, "collect", once("collect", keeping.collect))
    claim = await claimed(bench)
    with bench.fleet.take("e0", claim.job.job_id) as lease:
        await JobRun(bench, claim, lease).run()
    assert (await bench.store.get(claim.job.job_id)).state is JobState.COMPLETED
    assert failures == {"gather": 0, "collect": 0}


def destination(bench, options, *, secret_key=LOGIN[1]):
    login = Login(LOGIN[0], secret_key)
    return bench.requested.destination(
        endpoint_url=options.endpoint_url, bucket=options.name, region=options.region, login=login
    )


async def ended(bench, claim):
    with bench.fleet.take("e0", claim.job.job_id) as lease:
        await JobRun(bench, claim, lease).run()
    return await bench.store.get(claim.job.job_id)


async def fetch(url):
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.read()


async def test_copy_goes_to_the_bucket_that_the_request_names(bench, rclone_bucket):
    await BucketStore.open(rclone_bucket)
    claim = await claimed(bench, destination=destination(bench, rclone_bucket))
    job = await ended(bench, claim)
    assert job.state is JobState.COMPLETED
    (artifact,) = await bench.store.artifacts(job.job_id)
    kept = b"".join([chunk async for chunk in bench.artifacts.read(artifact.key)])
    assert await fetch(artifact.url) == (200, kept)
    assert f"/{rclone_bucket.name}/{job.job_id}/{artifact.filename}?" in artifact.url


async def test_login_that_is_refused_fails_the_job_but_keeps_what_it_made(bench, rclone_bucket, caplog):
    await BucketStore.open(rclone_bucket)
    claim = await claimed(bench, destination=destination(bench, rclone_bucket, secret_key="not-this-one"))
    job = await ended(bench, claim)
    assert (job.state, job.failure.code) == (JobState.FAILED, "storage_failed")
    assert "SignatureDoesNotMatch" in job.failure.message
    (artifact,) = await bench.store.artifacts(job.job_id)
    assert await bench.artifacts.exists(artifact.key)
    assert artifact.url == ""
    events = await bench.store.events(job.job_id)
    said = f"{job}{events}{caplog.text}{job.failure.as_json()}"
    assert "not-this-one" not in said
    assert LOGIN[1] not in said


async def test_bucket_that_is_not_there_fails_the_job(bench, rclone_bucket):
    claim = await claimed(bench, destination=destination(bench, rclone_bucket))
    job = await ended(bench, claim)
    assert (job.state, job.failure.code) == (JobState.FAILED, "storage_failed")
    assert "NoSuchBucket" in job.failure.message


async def test_login_that_another_installation_sealed_fails_the_job(bench, rclone_bucket):
    sealed = Seal("another secret").seal(Login(*LOGIN))
    claim = await claimed(bench, destination=replace(destination(bench, rclone_bucket), sealed=sealed))
    job = await ended(bench, claim)
    assert (job.state, job.failure.code) == (JobState.FAILED, "seal")
    assert await bench.store.artifacts(job.job_id)


def colored(*colors):
    """Return a workflow that saves a picture of each color."""
    graph = {}
    for number, color in enumerate(colors):
        size = {"width": 8, "height": 8, "batch_size": 1}
        graph[f"{number}a"] = {"class_type": "EmptyImage", "inputs": {**size, "color": color}}
        graph[f"{number}b"] = {
            "class_type": "SaveImage",
            "inputs": {"images": [f"{number}a", 0], "filename_prefix": "x"},
        }
    return graph


def is_white(picture):
    return float(picture.convert("L").histogram()[255] > 0)


BLACK, WHITE = 0, 0xFFFFFF


@pytest.fixture
def looked_at(bench):
    """Run a job over a bench where white pictures are withheld; return how it ended."""
    bench.safety = SafetyCheck(0.8, scorer=lambda: is_white)

    async def run(workflow, tier):
        (accepted,) = await bench.store.accept_all([JobRequest(workflow, tier=tier)], now=time.time())
        job_id = accepted.job.job_id
        claim = await bench.store.claim(job_id, worker="first", engine="e0", prompt_id=PROMPT_ID, now=time.time())
        with bench.fleet.take("e0", job_id) as lease:
            await JobRun(bench, claim, lease).run()
        return await bench.store.get(job_id), await bench.store.artifacts(job_id)

    return run


async def test_picture_that_is_withheld_makes_a_general_job_partial_and_is_stored_nowhere(looked_at, tmp_path):
    job, artifacts = await looked_at(colored(BLACK, WHITE), "general")
    assert job.state is JobState.PARTIAL
    assert [one.node_id for one in artifacts] == ["0b"]
    assert any(note.startswith("1 of 2 pictures was withheld") for note in job.notes)
    files = [path for path in (tmp_path / "artifacts").rglob(f"{job.job_id}-*") if path.is_file()]
    assert len(files) == 2  # the other one, and the small one of it


async def test_general_job_all_of_whose_pictures_are_withheld_fails(looked_at):
    job, artifacts = await looked_at(colored(WHITE), "general")
    assert (job.state, job.failure.code, job.attempt) == (JobState.FAILED, "picture_withheld", 1)
    assert not artifacts


async def test_general_job_without_such_a_picture_is_completed_and_its_record_has_the_verdict(looked_at, bench):
    job, artifacts = await looked_at(colored(BLACK), "general")
    assert (job.state, len(artifacts), list(job.notes)) == (JobState.COMPLETED, 1, [])
    (verdicts,) = await bench.store.transactions.read(
        lambda connection: connection.scalars(select(generations.c.verdicts)).all()
    )
    (artifact,) = artifacts
    assert [(one["check"], one["passed"], one["artifact_id"]) for one in verdicts] == [
        ("safety", True, artifact.artifact_id)
    ]


@pytest.mark.parametrize("tier", ["", "mature", "explicit"])
async def test_pictures_of_other_jobs_are_not_looked_at(looked_at, tier):
    job, artifacts = await looked_at(colored(WHITE), tier)
    assert (job.state, len(artifacts)) == (JobState.COMPLETED, 1)


@pytest.mark.parametrize(("tier", "is_shown"), [("general", False), ("mature", True)])
async def test_no_preview_of_a_job_is_shown_whose_pictures_are_looked_at(looked_at, bench, tier, is_shown):
    shown = []
    bench.previews.put = lambda *preview: shown.append(preview)
    workflow = set_size(set_steps(load_template("sd15").workflow, 3), 64, 64)
    heard = []
    bench.relay.listen(heard.append)
    await looked_at(workflow, tier)
    assert bool(shown) is is_shown
    assert any(isinstance(one, Said) and isinstance(one.frame, bytes) for one in heard) is is_shown


async def test_what_the_engine_says_is_passed_on_from_the_claim_to_the_end(looked_at, bench):
    heard = []
    bench.relay.listen(heard.append)
    job, _ = await looked_at(colored(BLACK), "mature")
    said = [one.frame["type"] for one in heard if isinstance(one, Said) and isinstance(one.frame, dict)]
    assert (said[0], said[-1]) == ("execution_start", "executing")
    assert (type(heard[0]), type(heard[-1])) == (Begun, Over)
    assert (heard[-1].running.job.job_id, heard[-1].finish.state) == (job.job_id, JobState.COMPLETED)
    assert heard[-1].finish.history.messages[-1][0] == "execution_success"
