from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Selection
from comfy_gen.library.favorites import Favorites
from comfy_gen.library.generations import Library
from comfy_gen.library.untold import Untold
from tests.library.shelf import end, shelve

if TYPE_CHECKING:
    from tests.contracts.job_stores import Desk

LEASE = 60.0
RUN = "0f" * 16


@pytest.fixture
def untold(desk: Desk) -> Untold:
    return Untold(desk.store.transactions)


async def test_nothing_is_told_of_generations_from_before_mlflow_was_set(desk: Desk, untold: Untold):
    await shelve(desk)
    assert await untold.next(desk.now + 1e6, lease=LEASE) is None


async def test_the_one_that_waited_longest_comes_first(desk: Desk, untold: Untold):
    first = await shelve(desk, is_tracked=True)
    desk.now += 1
    second = await shelve(desk, is_tracked=True)
    taken = [await untold.next(desk.now, lease=LEASE) for _ in range(3)]
    assert [one and one.job_id for one in taken] == [first, second, None]


async def test_what_was_taken_comes_again_when_whoever_took_it_died(desk: Desk, untold: Untold):
    job_id = await shelve(desk, is_tracked=True)
    await untold.next(desk.now, lease=LEASE)
    assert await untold.next(desk.now + LEASE - 1, lease=LEASE) is None
    again = await untold.next(desk.now + LEASE, lease=LEASE)
    assert again.job_id == job_id


async def test_what_was_told_is_known_by_its_run(desk: Desk, untold: Untold):
    job_id = await shelve(desk, is_tracked=True)
    await untold.told(await untold.next(desk.now, lease=LEASE), RUN, desk.now)
    found = await Library(desk.store.transactions).get(RUN)
    assert (found.generation_id, found.run_id, found.tell_at) == (job_id, RUN, None)


async def test_trouble_is_written_down_and_ends_with_the_try_that_succeeds(desk: Desk, untold: Untold):
    job_id = await shelve(desk, is_tracked=True)
    library = Library(desk.store.transactions)
    await untold.troubled(await untold.next(desk.now, lease=LEASE), "no answer", desk.now + 5)
    found = await library.get(job_id)
    assert (found.tries, found.trouble, found.tell_at) == (1, "no answer", desk.now + 5)
    assert await untold.next(desk.now + 4, lease=LEASE) is None
    again = await untold.next(desk.now + 5, lease=LEASE)
    assert again.tries == 1
    await untold.told(again, RUN, desk.now)
    found = await library.get(job_id)
    assert (found.tries, found.trouble, found.tell_at) == (0, "", None)


@pytest.mark.parametrize("is_told", [True, False])
async def test_what_changes_while_it_is_told_is_told_once_more(desk: Desk, untold: Untold, is_told: bool):
    job_id = await shelve(desk, is_tracked=True)
    taken = await untold.next(desk.now, lease=LEASE)
    desk.now += 1
    await Favorites(desk.store.transactions, is_tracked=True).add("", job_id, 5, now=desk.now)
    if is_told:
        await untold.told(taken, RUN, desk.now)
    else:
        await untold.troubled(taken, "no answer", desk.now + 600)
    again = await untold.next(desk.now, lease=LEASE)
    assert again.job_id == job_id


async def test_what_was_given_back_is_due_at_once(desk: Desk, untold: Untold):
    job_id = await shelve(desk, is_tracked=True)
    await untold.give_back(await untold.next(desk.now, lease=LEASE), desk.now)
    again = await untold.next(desk.now, lease=LEASE)
    assert (again.job_id, again.tries, again.until) == (job_id, 0, desk.now + LEASE)


async def test_one_is_taken_before_it_is_due(desk: Desk, untold: Untold):
    job_id = await shelve(desk)
    taken = await untold.take(job_id, desk.now, lease=LEASE)
    assert (taken.job_id, taken.tries, taken.until) == (job_id, 0, desk.now + LEASE)
    assert await untold.next(desk.now, lease=LEASE) is None


async def test_nothing_is_taken_of_a_job_that_is_gone(desk: Desk, untold: Untold):
    assert await untold.take("gone", desk.now, lease=LEASE) is None


async def test_of_two_who_tell_it_at_the_same_moment_the_first_run_stands(desk: Desk, untold: Untold):
    job_id = await shelve(desk, is_tracked=True)
    first = await untold.next(desk.now, lease=LEASE)
    await Favorites(desk.store.transactions, is_tracked=True).add("", job_id, 5, now=desk.now)
    second = await untold.next(desk.now, lease=LEASE + 1)
    assert await untold.told(first, RUN, desk.now)
    assert not await untold.told(second, "other", desk.now)
    again = await untold.next(desk.now, lease=LEASE)  # the favorite is to be told to the run that stands
    assert (again.job_id, again.run_id) == (job_id, RUN)
    assert await untold.told(again, RUN, desk.now)
    assert await untold.next(desk.now, lease=LEASE) is None


async def test_a_job_that_made_other_pictures_meanwhile_is_not_the_run_of_those_before(desk: Desk, untold: Untold):
    job_id = await shelve(desk, is_tracked=True, state=JobState.PARTIAL)
    taken = await untold.next(desk.now, lease=LEASE)
    await desk.store.retry(Selection([job_id]), now=desk.now)
    desk.now += 1
    await end(desk, job_id, is_tracked=True)
    assert await untold.told(taken, RUN, desk.now)  # it was the run of those
    again = await untold.next(desk.now, lease=LEASE)
    assert (again.job_id, again.run_id) == (job_id, None)
