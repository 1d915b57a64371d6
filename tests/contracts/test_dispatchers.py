"""What every dispatcher promises to those who accept jobs and to those who work on them."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import pytest

from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Finish, Selection
from comfy_gen.jobs.store import JobStore
from tests.contracts.hands import NOW, QUICK, QUICK_POSTGRES, OpenHand, database_url, dispatching, open_desk, stop
from tests.contracts.job_stores import request as job_request

if TYPE_CHECKING:
    from comfy_gen.jobs.job import JobId
    from tests.contracts.hands import Desk

__all__ = ["database_url", "dispatching"]


class BrokenSignals:
    """The last word in each transaction, which fails."""

    def send(self, *_: object) -> None:
        raise ZeroDivisionError


async def test_accepted_job_reaches_a_hand_that_waits(dispatching: Desk):
    hand = OpenHand()
    dispatching.feed(hand)
    await hand.until(await dispatching.accept())


async def test_job_of_a_transaction_that_failed_is_never_fed(dispatching: Desk):
    hand = OpenHand()
    dispatching.feed(hand)
    broken = JobStore(dispatching.database, dispatching.dispatcher, BrokenSignals())
    with pytest.raises(ZeroDivisionError):
        await broken.accept(job_request(priority=100), now=NOW)
    job_id = await dispatching.accept()
    await hand.until(job_id)
    assert hand.taken == [job_id]


async def test_lowest_rank_is_fed_first(dispatching: Desk):
    late, first, later = [await dispatching.accept(priority=priority) for priority in (0, 50, 0)]
    hand = OpenHand()
    dispatching.feed(hand)
    await hand.until(late, first, later)
    assert hand.taken == [first, late, later]


async def test_reprioritised_job_is_fed_in_its_new_place(dispatching: Desk):
    job_ids = [await dispatching.accept() for _ in range(3)]
    await dispatching.store.reprioritise(Selection([job_ids[2]]), 10, now=NOW)
    hand = OpenHand()
    dispatching.feed(hand)
    await hand.until(*job_ids)
    assert hand.taken == [job_ids[2], job_ids[0], job_ids[1]]


async def test_hand_gets_no_more_than_it_has_room_for(dispatching: Desk):
    job_ids = [await dispatching.accept() for _ in range(5)]
    hand = OpenHand(2)
    dispatching.feed(hand)
    for count in (2, 3, 4, 5):
        await hand.until(*job_ids[:count])
        assert hand.taken == job_ids[:count]
        await end(dispatching, hand, job_ids[count - 2])


async def test_job_that_belongs_before_others_gets_into_a_full_hand(dispatching: Desk):
    hand = OpenHand(2)
    dispatching.feed(hand)
    await hand.until(await dispatching.accept(), await dispatching.accept())
    await hand.until(await dispatching.accept(priority=1))


async def test_held_job_is_fed_only_once_it_is_released(dispatching: Desk):
    held = await dispatching.accept(priority=10)
    await dispatching.store.hold(Selection([held]), now=NOW)
    other = await dispatching.accept()
    hand = OpenHand()
    dispatching.feed(hand)
    await hand.until(other)
    assert held not in hand.taken
    await dispatching.store.release(Selection([held]), now=NOW)
    await hand.until(held)


async def test_job_cancelled_while_it_waited_is_not_fed(dispatching: Desk):
    cancelled = await dispatching.accept(priority=10)
    await dispatching.store.cancel(Selection([cancelled]), now=NOW)
    other = await dispatching.accept()
    hand = OpenHand()
    dispatching.feed(hand)
    await hand.until(other)
    assert hand.taken == [other]


async def test_job_begun_anew_by_retry_is_fed_again(dispatching: Desk):
    job_id = await dispatching.accept()
    hand = OpenHand()
    dispatching.feed(hand)
    await hand.until(job_id)
    attempt = await dispatching.claim(job_id)
    assert await dispatching.store.finish(job_id, attempt, Finish(JobState.FAILED), now=NOW)
    await dispatching.store.retry(Selection([job_id]), now=NOW)  # before the hand let go of it
    hand.let_go(job_id)
    await hand.until(job_id, times=2)


async def test_job_that_failed_by_its_engines_fault_is_fed_again(dispatching: Desk):
    job_id = await dispatching.accept()
    hand = OpenHand()
    dispatching.feed(hand)
    await hand.until(job_id)
    attempt = await dispatching.claim(job_id)
    await dispatching.store.requeue(job_id, attempt, None, now=NOW, not_before=0, strike=True, avoid=None)
    hand.let_go(job_id)
    await hand.until(job_id, times=2)


async def test_job_that_runs_again_in_the_same_hand_is_not_given_to_another(dispatching: Desk):
    job_id = await dispatching.accept()
    hand, other = OpenHand(), OpenHand()
    dispatching.feed(hand)
    await hand.until(job_id)
    attempt = await dispatching.claim(job_id)
    await dispatching.store.requeue(job_id, attempt, None, now=NOW, not_before=0, strike=True, avoid=None)
    await dispatching.claim(job_id)
    if dispatching.database.dialect == "postgresql":  # a SQLite has one worker
        hand.size = 0
        dispatching.feed(other)
        second = await dispatching.accept()
        # The first may have asked for one more before it was full.
        looking = {asyncio.ensure_future(one.until(second)) for one in (hand, other)}
        _, late = await asyncio.wait(looking, return_when=asyncio.FIRST_COMPLETED)
        for one in late:
            one.cancel()
    assert job_id not in other.taken


async def test_job_that_was_let_go_of_comes_back(dispatching: Desk):
    job_id = await dispatching.accept()
    hand = OpenHand()
    dispatching.feed(hand)
    await hand.until(job_id)
    hand.let_go(job_id)
    await hand.until(job_id, times=2)


async def test_job_that_was_let_go_of_rests_while_others_go_on(database_url: str):
    local, postgres = dataclasses.replace(QUICK, rest=3600), dataclasses.replace(QUICK_POSTGRES, rest=3600)
    async with open_desk(database_url, local=local, postgres=postgres) as desk:
        first, others = await desk.accept(), [await desk.accept() for _ in range(3)]
        hand = OpenHand(1)
        desk.feed(hand)
        for job_id in (first, *others):
            await hand.until(job_id)
            hand.let_go(job_id)
        assert hand.taken == [first, *others]


async def test_bug_in_a_hand_costs_one_job_a_rest(dispatching: Desk, caplog: pytest.LogCaptureFixture):
    job_id = await dispatching.accept()
    hand = OpenHand()
    dispatching.feed(hand)
    await hand.until(job_id)
    hand.fail(job_id)
    await hand.until(job_id, times=2)
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("is_begun", [False, True])
async def test_job_whose_feed_was_cancelled_is_fed_to_the_next(dispatching: Desk, is_begun: bool):
    job_id = await dispatching.accept()
    hand, following = OpenHand(), OpenHand()
    feed = dispatching.feed(hand)
    await hand.until(job_id)
    if is_begun:
        await dispatching.claim(job_id)
    await stop(feed)
    assert hand.cancelled == [job_id]
    dispatching.feed(following)
    await following.until(job_id)


async def test_job_that_ended_is_not_fed_to_the_next(dispatching: Desk):
    ended, other = await dispatching.accept(), await dispatching.accept()
    hand, following = OpenHand(), OpenHand()
    feed = dispatching.feed(hand)
    await hand.until(ended, other)
    attempt = await dispatching.claim(ended)
    assert await dispatching.store.finish(ended, attempt, Finish(JobState.FAILED), now=NOW)
    await stop(feed)
    dispatching.feed(following)
    await following.until(other)
    assert following.taken == [other]


async def test_jobs_accepted_by_another_process_are_fed(dispatching: Desk, database_url: str):
    hand = OpenHand()
    dispatching.feed(hand)
    async with open_desk(database_url) as submitter:
        await hand.until(await submitter.accept())


async def end(desk: Desk, hand: OpenHand, job_id: JobId) -> None:
    """Have a job run to its end, and the hand let go of it."""
    hand.begin(job_id)
    attempt = await desk.claim(job_id)
    assert await desk.store.finish(job_id, attempt, Finish(JobState.FAILED), now=NOW)
    hand.let_go(job_id)
