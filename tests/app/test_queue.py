import time
from dataclasses import replace

import pytest

from comfy_gen.app import open_queue
from comfy_gen.config import Settings
from comfy_gen.engines.registry import parse_entry
from comfy_gen.errors import JobNotFoundError
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Finish, Selection
from comfy_gen.jobs.request import JobRequest

GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 1}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}


@pytest.fixture
def settings(tmp_path):
    return replace(Settings(), jobs=replace(Settings().jobs, data_dir=tmp_path))


@pytest.fixture
async def queue(settings):
    async with open_queue(settings) as queue:
        yield queue


async def submitted(queue, **given):
    (accepted,) = await queue.submit([JobRequest(GRAPH, **given)])
    return accepted.job


async def done(queue, seconds: float):
    """Have a job that took so long on its engine."""
    job = await submitted(queue)
    claimed = await queue.store.claim(job.job_id, worker="w", engine="e0", prompt_id="p", now=time.time())
    for state in (JobState.GENERATING, JobState.POSTPROCESSING):
        await queue.store.advance(job.job_id, claimed.attempt, state, now=time.time())
    await queue.store.finish(
        job.job_id, claimed.attempt, Finish(JobState.COMPLETED, timings={"generate": seconds}), now=time.time()
    )
    return await queue.store.get(job.job_id)


async def test_job_is_found_by_the_beginning_of_its_id(queue):
    job = await submitted(queue)
    assert await queue.job(job.job_id[:8]) == job
    with pytest.raises(JobNotFoundError):
        await queue.job("zzz")


async def test_watching_ends_with_the_job_and_may_begin_anywhere(queue):
    job = await done(queue, 1.0)
    everything = [event async for event in queue.watch(job.job_id)]
    assert [event.data["state"] for event in everything][-1] == "completed"
    later = [event async for event in queue.watch(job.job_id, after=everything[1].number)]
    assert later == everything[2:]


async def test_nothing_is_said_of_the_time_where_nothing_is_known(queue):
    assert await queue.eta(await submitted(queue)) is None


async def test_time_is_told_from_like_jobs_and_the_place_in_the_line(queue):
    await queue.store.roster.add_engine(parse_entry("e0=http://127.0.0.1:1"))
    ended = await done(queue, 10.0)
    await done(queue, 10.0)
    first, second = await submitted(queue), await submitted(queue)
    assert (await queue.eta(first)).median == 10.0
    assert (await queue.eta(second)).median == 20.0
    assert await queue.eta(ended) is None
    await queue.store.hold(Selection([second.job_id]), now=time.time())
    assert await queue.eta(await queue.store.get(second.job_id)) is None


async def test_time_left_of_a_job_that_runs_goes_down(queue):
    await done(queue, 10.0)
    job = await submitted(queue)
    await queue.store.claim(job.job_id, worker="w", engine="e0", prompt_id="p", now=time.time() - 4)
    left = await queue.eta(await queue.store.get(job.job_id))
    assert 5.0 < left.median <= 6.0


async def test_engines_of_the_settings_are_entered_beside_those_that_were_added(settings):
    configured = replace(settings, fleet=replace(settings.fleet, engines="e1=http://127.0.0.1:1#depth=3"))
    async with open_queue(configured) as queue:
        await queue.store.roster.add_engine(parse_entry("e0=http://127.0.0.1:2"))
        await queue.enter_configured()
        await queue.store.roster.set_engine_state("e1", "draining")
        known = await queue.enter_configured()
    assert [(entry.name, entry.depth, entry.state) for entry in known] == [("e0", 2, "active"), ("e1", 3, "draining")]


async def test_usual_engine_is_entered_where_there_is_no_other(queue):
    assert [entry.url for entry in await queue.enter_configured()] == ["http://127.0.0.1:8188"]


async def test_webhook_of_the_settings_is_for_jobs_that_name_none(settings):
    async with open_queue(replace(settings, webhook=replace(settings.webhook, url="http://hooks/all"))) as queue:
        from comfy_gen.jobs.request import Webhook

        assert (await submitted(queue)).webhook_url == "http://hooks/all"
        assert (await submitted(queue, webhook=Webhook("http://hooks/own"))).webhook_url == "http://hooks/own"


async def test_artifacts_lie_in_the_data_folder(queue, tmp_path):
    class Stored:
        key = "ab/x.png"

    assert queue.artifact_path(Stored()) == tmp_path / "artifacts" / "ab" / "x.png"
