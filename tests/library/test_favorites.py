"""Favorites, on both databases."""

from __future__ import annotations

import re

import pytest

from comfy_gen.errors import FavoriteNotFoundError, GenerationNotFoundError, InvalidParameterError
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Selection
from comfy_gen.jobs.sql import control
from comfy_gen.library.favorites import Favorites
from comfy_gen.library.generations import Library
from tests.contracts.job_stores import artifact
from tests.library.shelf import end, recipe, shelve


@pytest.fixture
def favorites(desk):
    """The favorites of a store whose generations MLflow is told of."""
    return Favorites(desk.store.transactions, is_tracked=True)


@pytest.fixture
def library(desk):
    """The library of the same store."""
    return Library(desk.store.transactions)


async def test_generation_becomes_a_favorite(desk, favorites, library):
    job_id = await shelve(desk, owner="ann", recipe=recipe("portrait", "outdoor"))
    made = await favorites.add("ann", job_id[:8], 5, "Perfect lighting", ["best", "portfolio", "best "], now=10.0)
    assert re.fullmatch(r"fav_[0-9a-z]{12}", made.favorite_id)
    assert (made.generation_id, made.owner, made.rating, made.feedback) == (job_id, "ann", 5, "Perfect lighting")
    assert (made.tags, made.categories) == (("best", "portfolio"), ("portrait", "outdoor"))
    assert (made.created, made.updated, made.artifact) == (10.0, 10.0, artifact(job_id))
    assert made.recipe_id == (await library.get(job_id)).recipe_id
    assert await favorites.get(made.favorite_id) == made


async def test_same_generation_is_the_same_favorite(desk, favorites):
    job_id = await shelve(desk)
    first = await favorites.add(None, job_id, 5, "good", ["a"], now=10.0)
    again = await favorites.add(None, job_id, 2, now=20.0)
    assert again.favorite_id == first.favorite_id
    assert (again.rating, again.feedback, again.tags, again.created, again.updated) == (2, "", (), 10.0, 20.0)


async def test_favorite_without_pictures_has_none(desk, favorites):
    job_id = await shelve(desk, artifacts=[])
    assert (await favorites.add(None, job_id, 5, now=1.0)).artifact is None


@pytest.mark.parametrize("rating", [0, 6, -1])
async def test_rating_is_from_one_to_five(desk, favorites, rating):
    job_id = await shelve(desk)
    with pytest.raises(InvalidParameterError, match="rating"):
        await favorites.add(None, job_id, rating, now=1.0)


@pytest.mark.parametrize("tag", ["", " ", "a,b", 'a"b', "a\\b", "a\nb", "x" * 65])
async def test_tag_that_lists_would_not_hold_is_refused(desk, favorites, tag):
    job_id = await shelve(desk)
    with pytest.raises(InvalidParameterError, match="tags"):
        await favorites.add(None, job_id, 5, tags=[tag], now=1.0)


async def test_what_is_too_much_is_refused(desk, favorites):
    job_id = await shelve(desk)
    with pytest.raises(InvalidParameterError, match="feedback"):
        await favorites.add(None, job_id, 5, "x" * 10_001, now=1.0)
    with pytest.raises(InvalidParameterError, match="50 at most"):
        await favorites.add(None, job_id, 5, tags=[str(number) for number in range(51)], now=1.0)


async def test_anothers_is_not_there(desk, favorites):
    job_id = await shelve(desk, owner="ann")
    with pytest.raises(GenerationNotFoundError):
        await favorites.add("bob", job_id, 5, now=1.0)
    made = await favorites.add("ann", job_id, 5, now=1.0)
    for attempt in (
        favorites.get(made.favorite_id, "bob"),
        favorites.rate(made.favorite_id, 1, owner="bob", now=2.0),
        favorites.remove(made.favorite_id, "bob", now=2.0),
        favorites.get("fav_nothing"),
        favorites.get("\0"),
        favorites.get("\ud800"),
    ):
        with pytest.raises(FavoriteNotFoundError):
            await attempt
    assert await favorites.list("bob") == ([], 0)
    assert await favorites.get(made.favorite_id, "ann") == made


async def test_list_has_newest_first_and_counts_all(desk, favorites):
    made = [await favorites.add(None, await shelve(desk), number + 1, now=float(number)) for number in range(4)]
    newest = made[::-1]
    assert await favorites.list() == (newest, 4)
    assert await favorites.list(limit=2, offset=1) == (newest[1:3], 4)
    assert await favorites.list(offset=9) == ([], 4)
    assert await favorites.list(limit=0) == ([], 4)
    assert await favorites.list(min_rating=3) == (newest[:2], 2)


async def test_list_has_those_of_any_category_and_any_tag(desk, favorites):
    kinds = [("portrait", ["a", "ü"]), ("car", ["b"]), ("food", [])]
    one, two, three = [
        await favorites.add(None, await shelve(desk, recipe=recipe(category)), 5, tags=tags, now=float(number))
        for number, (category, tags) in enumerate(kinds)
    ]
    assert await favorites.list(categories=["portrait", "car"]) == ([two, one], 2)
    assert await favorites.list(tags=["ü", "b"]) == ([two, one], 2)
    assert await favorites.list(categories=["food"], tags=["b"]) == ([], 0)
    assert await favorites.list(categories=["foo"]) == ([], 0)
    assert (await favorites.list())[0] == [three, two, one]
    assert await favorites.list(categories=["\0"], tags=["\0", "\ud800", "%"]) == ([], 0)


@pytest.mark.parametrize("part", [{"limit": -1}, {"limit": 501}, {"offset": -1}, {"offset": 2**63}])
async def test_list_has_bounds(favorites, part):
    with pytest.raises(InvalidParameterError):
        await favorites.list(**part)


async def test_rating_anew_keeps_feedback_that_is_not_given(desk, favorites):
    made = await favorites.add(None, await shelve(desk), 5, "good", now=1.0)
    assert (await favorites.rate(made.favorite_id, 4, now=2.0)).feedback == "good"
    rated = await favorites.rate(made.favorite_id, 3, "", now=3.0)
    assert (rated.rating, rated.feedback, rated.updated) == (3, "", 3.0)
    with pytest.raises(InvalidParameterError, match="rating"):
        await favorites.rate(made.favorite_id, 6, now=4.0)


async def test_change_keeps_what_it_does_not_say(desk, favorites):
    made = await favorites.add(None, await shelve(desk), 5, "good", ["a", "b"], now=1.0)
    changed = await favorites.change(made.favorite_id, tags=["c", "c ", "ü"], now=2.0)
    assert (changed.rating, changed.feedback, changed.tags, changed.updated) == (5, "good", ("c", "ü"), 2.0)
    changed = await favorites.change(made.favorite_id, feedback="", now=3.0)
    assert (changed.rating, changed.feedback, changed.tags) == (5, "", ("c", "ü"))
    changed = await favorites.change(made.favorite_id, rating=1, tags=[], now=4.0)
    assert (changed.rating, changed.feedback, changed.tags, changed.created) == (1, "", (), 1.0)
    assert await favorites.get(made.favorite_id) == changed


async def test_change_that_says_nothing_leaves_all_as_it_is(desk, favorites):
    made = await favorites.add("ann", await shelve(desk, owner="ann"), 5, "good", ["a"], now=1.0)
    assert await favorites.change(made.favorite_id, "ann", now=2.0) == made


@pytest.mark.parametrize("said", [{"rating": 0}, {"feedback": "x" * 10_001}, {"tags": ['"']}, {"tags": ["a", ""]}])
async def test_change_that_cannot_be_kept_changes_nothing(desk, favorites, said):
    made = await favorites.add(None, await shelve(desk), 5, "good", ["a"], now=1.0)
    with pytest.raises(InvalidParameterError):
        await favorites.change(made.favorite_id, **{"rating": 1, **said}, now=2.0)
    assert await favorites.get(made.favorite_id) == made


@pytest.mark.parametrize("said", [{}, {"tags": ["mine"]}])
async def test_favorite_of_somebody_else_is_not_there_to_be_changed(desk, favorites, said):
    made = await favorites.add("ann", await shelve(desk, owner="ann"), 5, now=1.0)
    with pytest.raises(FavoriteNotFoundError):
        await favorites.change(made.favorite_id, "bob", **said, now=2.0)
    assert await favorites.get(made.favorite_id) == made


async def test_removed_favorite_leaves_the_generation(desk, favorites, library):
    job_id = await shelve(desk)
    made = await favorites.add(None, job_id, 5, now=1.0)
    assert await favorites.remove(made.favorite_id, now=2.0) == made
    assert (await library.get(job_id)).favorite is None
    with pytest.raises(FavoriteNotFoundError):
        await favorites.remove(made.favorite_id, now=3.0)


async def test_mlflow_is_to_be_told_of_each_change(desk, favorites, library):
    job_id = await shelve(desk)
    made = await favorites.add(None, job_id, 5, now=1.0)
    assert (await library.get(job_id)).tell_at == 1.0
    await favorites.rate(made.favorite_id, 4, now=2.0)
    assert (await library.get(job_id)).tell_at == 2.0
    await favorites.remove(made.favorite_id, now=3.0)
    assert (await library.get(job_id)).tell_at == 3.0


async def test_nobody_is_told_where_there_is_no_mlflow(desk, library):
    job_id = await shelve(desk)
    await Favorites(desk.store.transactions).add(None, job_id, 5, now=1.0)
    assert (await library.get(job_id)).tell_at is None


async def test_generation_whose_job_was_begun_afresh_becomes_none(desk, favorites):
    job_id = await shelve(desk, state=JobState.PARTIAL)
    await desk.store.retry(Selection([job_id]), now=desk.now)
    with pytest.raises(GenerationNotFoundError):
        await favorites.add(None, job_id, 5, now=desk.now)
    await end(desk, job_id)
    assert (await favorites.add(None, job_id, 5, now=desk.now)).generation_id == job_id


async def test_what_became_a_favorite_meanwhile_is_not_begun_afresh(desk, favorites, monkeypatch):
    job_id = await shelve(desk, state=JobState.PARTIAL)
    selected = control.select_jobs
    monkeypatch.setattr(control, "select_jobs", lambda *_: [job_id])  # before it was one
    await favorites.add(None, job_id, 5, now=desk.now)
    assert await desk.store.retry(Selection([job_id]), now=desk.now) == []
    assert await desk.store.delete(Selection([job_id])) == []
    monkeypatch.setattr(control, "select_jobs", selected)
    assert (await desk.store.get(job_id)).state is JobState.PARTIAL


async def test_what_is_let_go_is_in_the_library_no_more_and_what_is_a_favorite_is_not(desk, favorites, library):
    job_id, liked = await shelve(desk), await shelve(desk)
    await favorites.add(None, liked, 5, now=desk.now)
    assert (await desk.store.let_go(job_id), await desk.store.let_go(liked)) == (True, False)
    with pytest.raises(GenerationNotFoundError):
        await favorites.add(None, job_id, 5, now=desk.now)
    assert [one.generation_id for one in (await library.search()).generations] == [liked]
    assert (await desk.store.get(job_id)).state is JobState.COMPLETED
