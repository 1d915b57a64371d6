"""What every store of jobs does with workers, on SQLite and on PostgreSQL: only the newest attempt may write."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from comfy_gen.jobs.job import JobFailure, JobState
from comfy_gen.jobs.records import Finish, Report, Selection
from comfy_gen.jobs.signals import QUEUE, end_of, topic_of
from tests.contracts.job_stores import DONE, FAILURE, WORKER, artifact, open_desk

if TYPE_CHECKING:
    from tests.contracts.job_stores import Desk

# --- the way of a job


async def test_job_goes_its_way_to_the_end(desk: Desk):
    job = await desk.accept()
    attempt = await desk.claim(job.job_id)
    assert attempt == 1
    assert await desk.store.advance(job.job_id, 1, JobState.GENERATING, now=1001.0)
    assert await desk.store.advance(job.job_id, 1, JobState.POSTPROCESSING, now=1002.0)
    timings = {"preprocess": 0.5, "generate": 2.5, "nodes": {"1": 2.0}}
    ending = Finish(JobState.PARTIAL, [artifact(job.job_id)], None, timings, ["node 9 was dropped"])
    assert await desk.store.finish(job.job_id, 1, ending, now=1003.0)
    ended = await desk.store.get(job.job_id)
    assert (ended.state, ended.started, ended.ended) == (JobState.PARTIAL, 1000.0, 1003.0)
    where = ("gpu-1", f"prompt-of-{job.job_id}", WORKER)
    assert (ended.engine, ended.prompt_id, ended.worker) == where
    assert (ended.timings, ended.notes) == (timings, ("node 9 was dropped",))
    (attempt,) = await desk.store.attempts(job.job_id)
    assert (attempt.number, attempt.engine, attempt.prompt_id, attempt.worker) == (1, *where)
    assert (attempt.started, attempt.ended, attempt.ending, attempt.timings) == (1000.0, 1003.0, "succeeded", timings)
    assert await desk.store.artifacts(job.job_id) == [artifact(job.job_id)]


async def test_every_change_has_the_next_number(desk: Desk):
    job = await desk.bring(JobState.COMPLETED)
    events = await desk.store.events(job.job_id)
    assert [(event.number, event.type, event.data["state"]) for event in events] == [
        (1, "state", "queued"),
        (2, "state", "preprocessing"),
        (3, "state", "generating"),
        (4, "state", "postprocessing"),
        (5, "state", "completed"),
    ]
    assert job.last_event == 5
    assert [event.number for event in await desk.store.events(job.job_id, after=3)] == [4, 5]
    assert [event.number for event in await desk.store.events(job.job_id, after=1, limit=2)] == [2, 3]


async def test_every_change_is_signalled_after_its_commit(desk: Desk):
    job = await desk.bring(JobState.COMPLETED)
    assert (
        desk.signals.told
        == desk.signals.sent
        == [
            *(QUEUE, *[topic_of(job.job_id)] * 4),
            end_of(job.job_id),
        ]
    )


async def test_claimed_job_is_had_by_one(desk: Desk):
    job = await desk.accept()
    async with open_desk(desk.url) as other:
        stores = [desk.store, other.store] * 5
        claims = await asyncio.gather(*(store.claim(job.job_id, worker="w", now=1.0) for store in stores))
    assert [claim is None for claim in claims].count(False) == 1
    assert len(await desk.store.attempts(job.job_id)) == 1


async def test_claim_gives_the_job_as_it_is_now(desk: Desk):
    job = await desk.accept()
    claimed = await desk.store.claim(job.job_id, worker="w", now=7.0)
    assert (claimed.attempt, claimed.job.state, claimed.job.worker, claimed.job.started) == (
        1,
        JobState.PREPROCESSING,
        "w",
        7.0,
    )


async def test_unknown_job_cannot_be_claimed(desk: Desk):
    assert await desk.store.claim("no-job", worker="w", now=1.0) is None
    assert await desk.store.claim("no-job", worker="w", now=1.0, take_over=True) is None


async def test_stage_cannot_be_left_out(desk: Desk):
    job = await desk.bring(JobState.PREPROCESSING)
    assert not await desk.store.advance(job.job_id, 1, JobState.POSTPROCESSING, now=1.0)
    assert not await desk.store.finish(job.job_id, 1, DONE, now=1.0)
    assert (await desk.store.get(job.job_id)).state == JobState.PREPROCESSING


@pytest.mark.parametrize("state", [JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED, JobState.PARTIAL])
async def test_what_has_ended_does_not_end_otherwise(desk: Desk, state):
    job = await desk.bring(state)
    other = JobState.FAILED if state != JobState.FAILED else JobState.COMPLETED
    assert not await desk.store.finish(job.job_id, 1, Finish(other), now=1.0)
    assert not await desk.store.requeue(job.job_id, 1, FAILURE, now=1.0)
    assert await desk.store.claim(job.job_id, worker="w", now=1.0, take_over=True) is None
    assert await desk.store.get(job.job_id) == job


async def test_what_was_written_may_be_written_again_by_who_did_not_learn_of_it(desk: Desk):
    job = await desk.bring(JobState.COMPLETED)
    assert await desk.store.finish(job.job_id, 1, DONE, now=1.0)
    assert len(await desk.store.events(job.job_id)) == 5
    other = await desk.bring(JobState.GENERATING)
    assert await desk.store.advance(other.job_id, 1, JobState.GENERATING, now=1.0)
    assert (await desk.store.get(other.job_id)) == other


# --- fencing


async def test_job_of_a_dead_worker_is_taken_over_with_its_prompt(desk: Desk):
    job = await desk.bring(JobState.GENERATING)
    claimed = await desk.store.claim(job.job_id, worker="w2", now=2000.0, take_over=True)
    assert claimed.attempt == 2
    assert (claimed.job.state, claimed.job.worker) == (JobState.GENERATING, "w2")
    assert (claimed.job.engine, claimed.job.prompt_id) == (job.engine, job.prompt_id)
    old, new = await desk.store.attempts(job.job_id)
    assert (old.ending, old.ended) == ("superseded", 2000.0)
    assert (new.worker, new.engine, new.prompt_id, new.ended) == ("w2", job.engine, job.prompt_id, None)


async def test_stale_attempt_changes_nothing(desk: Desk):
    job = await desk.bring(JobState.GENERATING)
    await desk.store.claim(job.job_id, worker="w2", now=2000.0, take_over=True)
    before = await desk.store.get(job.job_id)
    assert not await desk.store.advance(job.job_id, 1, JobState.POSTPROCESSING, now=1.0)
    assert not await desk.store.requeue(job.job_id, 1, FAILURE, now=1.0)
    assert not await desk.store.finish(job.job_id, 1, Finish(JobState.FAILED), now=1.0)
    await desk.store.report([Report(job.job_id, 1, 0.5)], now=1.0)
    assert await desk.store.get(job.job_id) == before
    assert [event.type for event in await desk.store.events(job.job_id)][-1] == "note"


async def test_only_the_first_of_those_who_saw_the_same_attempt_takes_over(desk: Desk):
    job = await desk.bring(JobState.GENERATING)
    claims = [
        await desk.store.claim(job.job_id, worker=worker, now=1.0, take_over=True, attempt=job.attempt)
        for worker in ("w2", "w3")
    ]
    assert [claim is None for claim in claims] == [False, True]


async def test_job_that_waits_is_not_taken_over(desk: Desk):
    job = await desk.accept()
    assert await desk.store.claim(job.job_id, worker="w", now=1.0, take_over=True) is None


# --- trying again


async def test_requeued_job_waits_where_it_was(desk: Desk):
    first, second = await desk.accept_many(2)
    await desk.claim(first)
    assert await desk.store.requeue(first, 1, FAILURE, now=1010.0, not_before=1020.0, strike=True, avoid="gpu-1")
    job = await desk.store.get(first)
    assert (job.state, job.strikes, job.avoided, job.failure) == (JobState.QUEUED, 1, {"gpu-1"}, FAILURE)
    assert (job.queued, job.not_before, job.engine, job.worker) == (1010.0, 1020.0, None, None)
    assert await desk.store.position(first) == 1
    (attempt,) = await desk.store.attempts(first)
    assert (attempt.ending, attempt.failure, attempt.ended) == ("failed", FAILURE, 1010.0)
    assert desk.dispatcher.enqueued[-1] == (first, job.rank)
    assert await desk.claim(first) == 2
    assert await desk.store.position(second) == 1


async def test_engines_to_avoid_add_up(desk: Desk):
    job = await desk.accept()
    for engine in ("gpu-1", "gpu-2", "gpu-1", None):
        attempt = await desk.claim(job.job_id)
        await desk.store.requeue(job.job_id, attempt, FAILURE, now=1.0, strike=engine is not None, avoid=engine)
    found = await desk.store.get(job.job_id)
    assert (found.avoided, found.strikes, found.attempt) == ({"gpu-1", "gpu-2"}, 3, 4)


async def test_job_that_rests_comes_after_all_that_can_start(desk: Desk):
    first, second = await desk.accept_many(2)
    await desk.claim(first)
    await desk.store.requeue(first, 1, FAILURE, now=1010.0, not_before=1020.0)
    assert [one.job_id for one in await desk.store.window(10, now=1015.0)] == [second, first]
    assert [one.job_id for one in await desk.store.window(1, now=1015.0)] == [second]
    assert [one.job_id for one in await desk.store.window(10, now=1020.0)] == [first, second]


async def test_job_that_nothing_can_run_fails_while_it_waits(desk: Desk):
    job = await desk.accept()
    assert await desk.store.finish(job.job_id, 0, Finish(JobState.FAILED, failure=FAILURE), now=1.0)
    assert (await desk.store.get(job.job_id)).failure == FAILURE
    assert await desk.store.position(job.job_id) is None
    assert desk.dispatcher.withdrawn == [job.job_id]


async def test_text_of_a_failure_may_have_anything_in_it(desk: Desk):
    job = await desk.bring(JobState.PREPROCESSING)
    failure = JobFailure("internal", "nul \0 and half \ud83d", details={"traceback": ["\0"]})
    await desk.store.finish(job.job_id, 1, Finish(JobState.FAILED, failure=failure), now=1.0)
    assert (await desk.store.get(job.job_id)).failure == failure


# --- progress


async def test_newer_progress_takes_the_place_of_the_older(desk: Desk):
    job = await desk.bring(JobState.GENERATING)
    for fraction in (0.1, 0.2):
        await desk.store.report([Report(job.job_id, 1, fraction, {"node": "3"})], now=1.0)
    events = await desk.store.events(job.job_id, after=job.last_event)
    assert [(event.type, event.number) for event in events] == [("progress", job.last_event + 2)]
    assert events[0].data == {"attempt": 1, "progress": 0.2, "node": "3"}
    assert (await desk.store.get(job.job_id)).progress == 0.2


async def test_progress_of_many_is_written_at_once(desk: Desk):
    found = [await desk.bring(JobState.GENERATING) for _ in range(3)]
    await desk.store.report([Report(job.job_id, 1, None) for job in found] + [Report(found[0].job_id, 1, 1.0)], now=1.0)
    assert [(await desk.store.get(job.job_id)).progress for job in found] == [1.0, None, None]
    await desk.store.report([], now=1.0)


async def test_progress_after_the_end_is_dropped(desk: Desk):
    job = await desk.bring(JobState.COMPLETED)
    await desk.store.report([Report(job.job_id, 1, 0.5)], now=1.0)
    assert await desk.store.get(job.job_id) == job


# --- artifacts, times


async def test_artifacts_of_a_second_run_take_the_place_of_the_first(desk: Desk):
    job = await desk.bring(JobState.POSTPROCESSING)
    both = [artifact(job.job_id, 0), artifact(job.job_id, 1), artifact(job.job_id, 1, size=2)]
    await desk.store.finish(job.job_id, 1, Finish(JobState.PARTIAL, both), now=1.0)
    assert [one.size for one in await desk.store.artifacts(job.job_id)] == [5_000_000_000, 2]
    await desk.store.retry(Selection([job.job_id]), now=2.0)
    attempt = await desk.claim(job.job_id)
    await desk.store.advance(job.job_id, attempt, JobState.GENERATING, now=3.0)
    await desk.store.advance(job.job_id, attempt, JobState.POSTPROCESSING, now=3.0)
    await desk.store.finish(job.job_id, attempt, Finish(JobState.COMPLETED, [artifact(job.job_id, 1)]), now=3.0)
    assert await desk.store.artifacts(job.job_id) == [artifact(job.job_id, 1)]


async def test_durations_are_those_of_like_jobs_that_succeeded(desk: Desk):
    for seconds, state in ((1.0, JobState.COMPLETED), (2.0, JobState.FAILED), (3.0, JobState.PARTIAL)):
        job = await desk.bring(JobState.POSTPROCESSING)
        await desk.store.finish(job.job_id, 1, Finish(state, timings={"generate": seconds}), now=seconds)
    assert await desk.store.durations(job.likeness) == [3.0, 1.0]
    assert await desk.store.durations(job.likeness, limit=1) == [3.0]
    assert await desk.store.durations(job.likeness, "gpu-1") == [3.0, 1.0]
    assert await desk.store.durations(job.likeness, "gpu-2") == await desk.store.durations("other") == []


# --- who has what


async def test_active_jobs_are_told_by_worker(desk: Desk):
    first, second, _ = await desk.accept_many(3)
    await desk.claim(second, "w2")
    await desk.claim(first, "w1")
    assert [job.job_id for job in await desk.store.active()] == [first, second]
    assert [job.job_id for job in await desk.store.active("w2")] == [second]
