"""What every store of jobs does when people cancel, hold, retry and reprioritise, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comfy_gen.errors import InvalidParameterError, JobNotFoundError, JobStateError, QueueFullError
from comfy_gen.jobs.job import JobState, Webhook
from comfy_gen.jobs.records import Finish, Selection
from comfy_gen.jobs.signals import WISHES
from tests.contracts.job_stores import FAILURE, WORKER, open_desk

if TYPE_CHECKING:
    from tests.contracts.job_stores import Desk

ALL = Selection(all=True)

# --- cancel


async def test_job_that_waits_is_cancelled_at_once(desk: Desk):
    job = await desk.accept(webhook=Webhook("http://hook/"))
    (cancelled,) = await desk.store.cancel(Selection([job.job_id]), now=5.0)
    assert (cancelled.state, cancelled.ended) == (JobState.CANCELLED, 5.0)
    assert await desk.store.get(job.job_id) == cancelled
    assert await desk.store.window(10, now=5.0) == []
    assert desk.dispatcher.withdrawn == [job.job_id]
    assert [one.state for one in await desk.outbox.due(5.0)] == [JobState.CANCELLED]


async def test_worker_is_asked_to_cancel_a_job_that_it_has(desk: Desk):
    job = await desk.bring(JobState.GENERATING)
    (asked,) = await desk.store.cancel(Selection([job.job_id]), now=5.0)
    assert (asked.state, asked.is_cancelling) == (JobState.GENERATING, True)
    assert await desk.store.wishes(WORKER) == [job.job_id]
    assert await desk.store.wishes("another") == []
    assert WISHES in desk.signals.told
    assert await desk.store.finish(job.job_id, 1, Finish(JobState.CANCELLED), now=6.0)
    assert await desk.store.wishes(WORKER) == []
    assert not (await desk.store.get(job.job_id)).is_cancelling


async def test_job_that_is_asked_for_twice_changes_once(desk: Desk):
    job = await desk.bring(JobState.GENERATING)
    await desk.store.cancel(Selection([job.job_id]), now=5.0)
    assert await desk.store.cancel(Selection([job.job_id]), now=5.0) == []


async def test_job_that_is_to_be_cancelled_does_not_wait_again(desk: Desk):
    job = await desk.bring(JobState.GENERATING)
    await desk.store.cancel(Selection([job.job_id]), now=5.0)
    assert await desk.store.requeue(job.job_id, 1, FAILURE, now=6.0)
    assert (await desk.store.get(job.job_id)).state == JobState.CANCELLED
    assert await desk.store.window(10, now=6.0) == []


async def test_what_has_ended_cannot_be_cancelled(desk: Desk):
    job = await desk.bring(JobState.COMPLETED)
    with pytest.raises(JobStateError) as caught:
        await desk.store.cancel(Selection([job.job_id]), now=1.0)
    assert (caught.value.state, caught.value.verb) == ("completed", "cancel")
    assert list(caught.value.allowed) == ["queued", "preprocessing", "generating", "postprocessing"]


async def test_of_several_those_are_cancelled_that_can_be(desk: Desk):
    done, waiting = await desk.bring(JobState.COMPLETED), await desk.accept()
    changed = await desk.store.cancel(Selection([done.job_id, waiting.job_id]), now=1.0)
    assert [job.job_id for job in changed] == [waiting.job_id]


async def test_unknown_among_several_is_an_error_and_nothing_changes(desk: Desk):
    job = await desk.accept()
    with pytest.raises(JobNotFoundError) as caught:
        await desk.store.cancel(Selection([job.job_id, "no-job"]), now=1.0)
    assert caught.value.job_id == "no-job"
    assert (await desk.store.get(job.job_id)).state == JobState.QUEUED


async def test_all_are_cancelled_however_many(desk: Desk):
    ids = await desk.accept_many(1100)
    changed = await desk.store.cancel(ALL, now=1.0)
    assert [job.job_id for job in changed] == ids
    assert (await desk.store.count())[JobState.CANCELLED] == 1100


async def test_selection_is_of_those_that_fit_all_it_says(desk: Desk):
    ann, bob = await desk.accept(owner="ann"), await desk.accept(owner="bob")
    running = await desk.bring(JobState.GENERATING, owner="zoe")
    by_owner = await desk.store.cancel(Selection(owner="ann"), now=1.0)
    by_state = await desk.store.cancel(Selection(states=[JobState.QUEUED]), now=1.0)
    assert [job.job_id for job in by_owner] == [ann.job_id]
    assert [job.job_id for job in by_state] == [bob.job_id]
    assert not (await desk.store.get(running.job_id)).is_cancelling


async def test_name_narrowed_by_owner_selects_nothing_of_others(desk: Desk):
    job = await desk.accept(owner="ann")
    assert await desk.store.cancel(Selection([job.job_id], owner="bob"), now=1.0) == []


# --- hold and release


async def test_held_job_leaves_the_line_and_comes_back_to_its_place(desk: Desk):
    first, second = await desk.accept_many(2)
    (held,) = await desk.store.hold(Selection([first]), now=1.0)
    assert held.is_held
    assert await desk.store.position(first) is None
    assert await desk.store.position(second) == 1
    assert await desk.store.claim(first, worker="w", now=1.0) is None
    assert desk.dispatcher.withdrawn == [first]
    (freed,) = await desk.store.release(Selection([first]), now=1.0)
    assert not freed.is_held
    assert await desk.store.position(first) == 1
    assert desk.dispatcher.enqueued[-1] == (first, freed.rank)


async def test_holding_twice_changes_once(desk: Desk):
    await desk.accept_many(2)
    assert len(await desk.store.hold(ALL, now=1.0)) == 2
    assert await desk.store.hold(ALL, now=1.0) == []
    assert len(await desk.store.release(ALL, now=1.0)) == 2
    assert await desk.store.release(ALL, now=1.0) == []


async def test_held_job_can_be_cancelled(desk: Desk):
    job = await desk.accept()
    await desk.store.hold(ALL, now=1.0)
    (cancelled,) = await desk.store.cancel(Selection([job.job_id]), now=1.0)
    assert (cancelled.state, cancelled.is_held) == (JobState.CANCELLED, False)


@pytest.mark.parametrize("verb", ["hold", "release"])
async def test_what_runs_can_be_neither_held_nor_released(desk: Desk, verb):
    job = await desk.bring(JobState.GENERATING)
    with pytest.raises(JobStateError):
        await getattr(desk.store, verb)(Selection([job.job_id]), now=1.0)


async def test_held_jobs_take_up_room(store_url: str):
    async with open_desk(store_url, max_waiting=1) as desk:
        await desk.accept()
        await desk.store.hold(ALL, now=1.0)
        with pytest.raises(QueueFullError):
            await desk.accept()


# --- retry


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED, JobState.PARTIAL])
async def test_retried_job_begins_afresh_at_the_end_of_the_line(desk: Desk, state):
    job = await desk.bring(JobState.PREPROCESSING)
    await desk.store.requeue(job.job_id, 1, FAILURE, now=1.0, not_before=9e9, strike=True, avoid="gpu-1")
    attempt = await desk.claim(job.job_id)
    await desk.store.advance(job.job_id, attempt, JobState.GENERATING, now=1.0)
    await desk.store.advance(job.job_id, attempt, JobState.POSTPROCESSING, now=1.0)
    ending = Finish(state, failure=FAILURE, timings={"generate": 1.0}, notes=["x"])
    await desk.store.finish(job.job_id, attempt, ending, now=1.0)
    await desk.accept()
    (again,) = await desk.store.retry(Selection([job.job_id]), now=2000.0)
    assert (again.state, again.strikes, again.avoided, again.failure) == (JobState.QUEUED, 0, frozenset(), None)
    assert (again.queued, again.started, again.ended, again.not_before) == (2000.0, None, None, 0.0)
    assert (again.engine, again.prompt_id, again.worker) == (None, None, None)
    assert (again.timings, again.notes, again.attempt) == ({}, (), 2)
    assert await desk.store.position(job.job_id) == 2
    assert desk.dispatcher.enqueued[-1] == (job.job_id, again.rank)
    assert await desk.claim(job.job_id) == 3


async def test_what_succeeded_is_not_retried(desk: Desk):
    job = await desk.bring(JobState.COMPLETED)
    with pytest.raises(JobStateError) as caught:
        await desk.store.retry(Selection([job.job_id]), now=1.0)
    assert list(caught.value.allowed) == ["partial", "failed", "cancelled"]


async def test_retrying_all_begins_those_that_can_be(desk: Desk):
    failed, _ = await desk.bring(JobState.FAILED), await desk.bring(JobState.COMPLETED)
    changed = await desk.store.retry(ALL, now=1.0)
    assert [job.job_id for job in changed] == [failed.job_id]


async def test_full_queue_refuses_a_retry(store_url: str):
    async with open_desk(store_url, max_waiting=1) as desk:
        failed = await desk.bring(JobState.FAILED)
        await desk.accept()
        with pytest.raises(QueueFullError):
            await desk.store.retry(Selection([failed.job_id]), now=1.0)


# --- reprioritise


async def test_priority_moves_a_job_that_waits(desk: Desk):
    first, second = await desk.accept_many(2)
    (moved,) = await desk.store.reprioritise(Selection([second]), 5, now=1.0)
    assert moved.priority == 5
    assert await desk.store.position(second) == 1
    assert desk.dispatcher.reordered == [(second, moved.rank)]
    await desk.store.reprioritise(Selection([first, second]), 0, now=1.0)
    assert await desk.store.position(second) == 2


async def test_priority_of_a_held_job_counts_once_it_is_released(desk: Desk):
    first, second = await desk.accept_many(2)
    await desk.store.hold(Selection([second]), now=1.0)
    await desk.store.reprioritise(Selection([second]), 5, now=1.0)
    assert await desk.store.position(second) is None
    assert desk.dispatcher.reordered == []
    await desk.store.release(Selection([second]), now=1.0)
    assert await desk.store.position(first) == 2


async def test_priority_out_of_bounds_is_refused(desk: Desk):
    with pytest.raises(InvalidParameterError):
        await desk.store.reprioritise(ALL, 101, now=1.0)


async def test_what_runs_cannot_be_reprioritised(desk: Desk):
    job = await desk.bring(JobState.GENERATING)
    with pytest.raises(JobStateError):
        await desk.store.reprioritise(Selection([job.job_id]), 1, now=1.0)


# --- events


async def test_what_people_did_is_among_the_events(desk: Desk):
    job = await desk.accept()
    one = Selection([job.job_id])
    await desk.store.hold(one, now=1.0)
    await desk.store.reprioritise(one, 1, now=1.0)
    await desk.store.release(one, now=1.0)
    await desk.store.cancel(one, now=1.0)
    await desk.store.retry(one, now=1.0)
    events = await desk.store.events(job.job_id)
    assert [(event.number, event.type) for event in events] == [
        (1, "state"),
        (2, "note"),
        (3, "note"),
        (4, "note"),
        (5, "state"),
        (6, "state"),
    ]
