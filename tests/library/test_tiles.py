"""Tiles of the library, on both databases."""

from __future__ import annotations

import pytest

from comfy_gen.errors import InvalidParameterError
from comfy_gen.library.favorites import Favorites
from comfy_gen.library.generations import Library, Query
from comfy_gen.library.tiles import LONGEST_PROMPT, Order
from tests.contracts.job_stores import artifact
from tests.library.shelf import end, recipe, shelve


@pytest.fixture
def library(desk):
    return Library(desk.store.transactions)


@pytest.fixture
def favorites(desk):
    return Favorites(desk.store.transactions)


async def shelved(desk, *prompts, **facts):
    """Shelve one after another, a second apart."""
    made = []
    for prompt in prompts:
        desk.now += 1.0
        made.append(await shelve(desk, prompt, **facts))
    return made


def found(page):
    return [tile.id for tile in page.tiles]


async def test_tile_has_what_is_known_of_its_generation(desk, library, favorites):
    job_id = await shelve(desk, "a red fox", title="Reynard", recipe=recipe("fox"), seed=2**64 - 1)
    liked = await favorites.add(None, job_id, 4, "", ["best", "print"], now=5.0)
    (tile,) = (await library.tiles()).tiles
    whole = await library.get(job_id)
    assert (tile.id, tile.created, tile.title, tile.prompt) == (job_id, 1000.0, "Reynard", whole.prompt)
    assert (tile.workflow, tile.seed) == (whole.workflow, whole.seed)
    assert (tile.rating, tile.favorite_id, tile.tags) == (4, liked.favorite_id, ("best", "print"))
    assert (tile.passed, tile.score, tile.files) == (None, None, 1)


async def test_tile_has_the_beginning_of_a_long_prompt(desk, library):
    await shelve(desk, "ä" * LONGEST_PROMPT + "b")
    (tile,) = (await library.tiles()).tiles
    assert tile.prompt == "ä" * LONGEST_PROMPT


async def test_tile_shows_the_first_file_that_can_be_looked_at(desk, library):
    (job_id,) = await desk.accept_many(1)
    text = artifact(job_id, 0, media_type="text/plain", width=None, height=None)
    picture = artifact(job_id, 1, width=32, height=48, thumbnail_key="small.webp")
    await end_with(desk, job_id, text, picture)
    (tile,) = (await library.tiles()).tiles
    assert (tile.artifact_id, tile.media_type, tile.files) == (picture.artifact_id, "image/png", 2)
    assert (tile.width, tile.height, tile.has_thumbnail) == (32, 48, True)


async def test_tile_of_what_cannot_be_looked_at_names_its_first_file(desk, library):
    (job_id,) = await desk.accept_many(1)
    sounds = [artifact(job_id, place, media_type="audio/flac", width=None, height=None) for place in (0, 1)]
    await end_with(desk, job_id, *sounds)
    (tile,) = (await library.tiles()).tiles
    assert (tile.artifact_id, tile.has_thumbnail, tile.width) == (sounds[0].artifact_id, False, None)


async def test_tile_of_a_generation_without_files_has_none(desk, library):
    await shelve(desk, artifacts=[])
    (tile,) = (await library.tiles()).tiles
    assert (tile.artifact_id, tile.media_type, tile.files, tile.has_thumbnail) == (None, None, 0, False)


async def test_newest_come_first_unless_the_oldest_are_to(desk, library):
    made = await shelved(desk, "a", "b", "c")
    assert found(await library.tiles()) == made[::-1]
    assert found(await library.tiles(order=Order.OLDEST)) == made


async def test_best_rated_come_first_and_those_without_a_rating_last(desk, library, favorites):
    plain, good, best, newest = await shelved(desk, "a", "b", "c", "d")
    for job_id, rating in ((good, 3), (best, 5)):
        await favorites.add(None, job_id, rating, now=1.0)
    assert found(await library.tiles(order=Order.RATING)) == [best, good, newest, plain]


async def test_best_scores_come_first_and_those_without_one_last(desk, library):
    plain, newest = await shelved(desk, "a", "b")
    poor = await shelve(desk, "c", quality={"passed": False, "score": 0.1, "takes": 1})
    good = await shelve(desk, "d", quality={"passed": True, "score": 0.3, "takes": 1})
    page = await library.tiles(order=Order.SCORE)
    assert found(page) == [good, poor, newest, plain]
    assert [(tile.passed, tile.score) for tile in page.tiles[:2]] == [(True, 0.3), (False, 0.1)]


async def test_part_is_read_from_its_place_with_the_number_of_all(desk, library):
    made = (await shelved(desk, *"abcde"))[::-1]
    for offset in range(6):
        page = await library.tiles(limit=2, offset=offset)
        assert (found(page), page.total) == (made[offset : offset + 2], 5)


@pytest.mark.parametrize("order", Order)
async def test_conditions_hold_in_every_order(desk, library, favorites, order):
    fox, cat = await shelved(desk, "a fox", "a cat")
    await shelve(desk, "a fox", owner="bob", title="Bob's")
    await favorites.add(None, cat, 4, tags=["best"], now=1.0)
    for query, wanted in [
        (Query(owner="", text="fox"), fox),
        (Query(owner="", text="cat", is_favorite=True), cat),
        (Query(min_rating=4), cat),
        (Query(tag="best"), cat),
        (Query(until=1002.0), fox),
    ]:
        page = await library.tiles(query, order)
        assert (found(page), page.total) == ([wanted], 1), query
    assert (await library.tiles(Query(workflow="nothing"), order)).total == 0


@pytest.mark.parametrize("part", [{"limit": 0}, {"limit": 501}, {"offset": -1}, {"offset": 2**63}])
async def test_part_that_there_cannot_be_is_refused(library, part):
    with pytest.raises(InvalidParameterError):
        await library.tiles(**part)


async def end_with(desk, job_id, *artifacts):
    await end(desk, job_id, artifacts=list(artifacts))
