"""What every store of jobs does to keep favorites, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from comfy_gen.errors import FavoriteKeptError, JobNotFoundError
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Selection
from comfy_gen.jobs.sql import control
from comfy_gen.library.favorites import Favorites
from tests.contracts.job_stores import desk, store_url
from tests.library.shelf import shelve

__all__ = ["desk", "store_url"]


@pytest.fixture
async def pair(desk):
    """A favorite that gave a part of what was asked, and another job like it."""
    favorite, other = [await shelve(desk, state=JobState.PARTIAL) for _ in range(2)]
    await Favorites(desk.store.transactions).add(None, favorite, 5, now=desk.now)
    return favorite, other


async def test_named_favorite_is_not_deleted(desk, pair):
    for attempt in (desk.store.delete, desk.store.ended):
        with pytest.raises(FavoriteKeptError, match="is a favorite"):
            await attempt(Selection([pair[0]]))
    assert (await desk.store.get(pair[0])).state is JobState.PARTIAL


@pytest.mark.parametrize("is_named", [True, False])
async def test_favorites_among_several_are_kept(desk, pair, is_named):
    selection = Selection(pair) if is_named else Selection(ended_before=desk.now + 1)
    assert await desk.store.favorites(selection) == [pair[0]]
    assert await desk.store.ended(selection) == [pair[1]]
    assert [job.job_id for job in await desk.store.delete(selection)] == [pair[1]]
    await desk.store.get(pair[0])
    with pytest.raises(JobNotFoundError):
        await desk.store.get(pair[1])


async def test_favorite_of_the_last_moment_is_kept(desk, pair):
    changed = await desk.store.transactions.write(lambda change: control.delete(change, pair))
    assert [job.job_id for job in changed] == [pair[1]]


async def test_favorite_is_not_begun_afresh(desk, pair):
    with pytest.raises(FavoriteKeptError):
        await desk.store.retry(Selection([pair[0]]), now=desk.now)
    begun = await desk.store.retry(Selection(states=[JobState.PARTIAL]), now=desk.now)
    assert [job.job_id for job in begun] == [pair[1]]


async def test_only_favorites_in_those_states_are_left_alone(desk, pair):
    everything = Selection(all=True)
    assert await desk.store.favorites(everything, frozenset({JobState.PARTIAL})) == [pair[0]]
    assert await desk.store.favorites(everything, frozenset({JobState.FAILED})) == []


async def test_what_is_no_favorite_any_more_is_deleted(desk, pair):
    favorites = Favorites(desk.store.transactions)
    (listed,), _ = await favorites.list()
    await favorites.remove(listed.favorite_id, now=desk.now)
    assert len(await desk.store.delete(Selection(pair))) == 2
