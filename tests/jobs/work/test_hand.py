import asyncio

import pytest

from comfy_gen.jobs.job import JobId
from comfy_gen.jobs.records import Waiting
from comfy_gen.jobs.work.hand import Hand


def waiting(job_id: str, rank: int = 0) -> Waiting:
    return Waiting(JobId(job_id), rank, "", "", {"weights": ["a.ckpt"]}, 0, frozenset(), 0.0, 0)


class Table:
    """The jobs that wait, those that are active, and how often the hand changed."""

    def __init__(self, *rows: Waiting, active: tuple[str, ...] = ()) -> None:
        self.rows = {row.job_id: row for row in rows}
        self.active = active
        self.changes = 0

    async def find(self, job_id: str) -> Waiting | None:
        return self.rows.get(JobId(job_id))

    async def take_over(self, job_id: str) -> bool:
        return job_id in self.active

    def change(self) -> None:
        self.changes += 1


def hand_of(table: Table, size: int = 10) -> Hand:
    return Hand(size, find=table.find, take_over=table.take_over, on_change=table.change)


async def taken(hand: Hand, *job_ids: str) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(hand.take(JobId(job_id))) for job_id in job_ids]
    while not all(task.done() or job_id in hand.waiting for task, job_id in zip(tasks, job_ids, strict=True)):
        await asyncio.sleep(0)
    return tasks


async def test_job_that_waits_is_held_until_it_is_let_go():
    table = Table(waiting("a"))
    hand = hand_of(table)
    (task,) = await taken(hand, "a")
    assert hand.waiting["a"].need.weights == ("a.ckpt",)
    assert table.changes == 1
    hand.let_go(JobId("a"))
    await task
    assert len(hand) == 0


async def test_job_that_ended_is_not_held():
    await hand_of(Table()).take(JobId("a"))


async def test_job_that_is_active_is_taken_over_and_held():
    hand = hand_of(Table(active=("a",)))
    task = asyncio.create_task(hand.take(JobId("a")))
    await asyncio.sleep(0)
    assert JobId("a") in hand
    assert "a" not in hand.waiting
    hand.let_go(JobId("a"))
    await task


async def test_last_in_the_line_is_let_go_of_when_the_hand_is_full():
    table = Table(waiting("a", 1), waiting("b", 3), waiting("c", 2))
    hand = hand_of(table, size=2)
    first, last, _ = await taken(hand, "a", "b", "c")
    await last
    assert sorted(hand.waiting) == ["a", "c"]
    assert hand.room() == 0
    assert not first.done()
    hand.let_go(JobId("a"))
    hand.let_go(JobId("c"))


async def test_job_that_ran_waits_again_if_it_still_does():
    table = Table(waiting("a"))
    hand = hand_of(table)
    (task,) = await taken(hand, "a")
    hand.start(JobId("a"))
    assert hand.room() == 10
    await hand.put_back(JobId("a"))
    assert "a" in hand.waiting
    table.rows.clear()
    hand.start(JobId("a"))
    await hand.put_back(JobId("a"))
    await task


async def test_what_waits_no_longer_is_let_go_of_and_the_others_are_as_they_are_now():
    table = Table(waiting("a", 1), waiting("b", 2))
    hand = hand_of(table)
    first, _ = await taken(hand, "a", "b")
    hand.refresh([JobId("a"), JobId("b")], [waiting("b", -5)])
    await first
    assert hand.waiting["b"].waiting.rank == -5


async def test_job_that_is_handed_over_twice_is_held_once():
    hand = hand_of(Table(waiting("a")))
    tasks = await taken(hand, "a", "a")
    assert len(hand) == 1
    hand.let_go(JobId("a"))
    await asyncio.gather(*tasks)


async def test_who_is_cancelled_holds_nothing():
    hand = hand_of(Table(waiting("a")))
    (task,) = await taken(hand, "a")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not hand.waiting
    assert JobId("a") not in hand
