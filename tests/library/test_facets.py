"""What the generations of a library can be told apart by, on both databases."""

from __future__ import annotations

import pytest

from comfy_gen.library.facets import MOST, Facet, ranked
from comfy_gen.library.favorites import Favorites
from comfy_gen.library.generations import Library
from comfy_gen.pipeline.record import ModelFile
from tests.library.shelf import recipe, shelve


@pytest.fixture
def library(desk):
    return Library(desk.store.transactions)


@pytest.fixture
def favorites(desk):
    return Favorites(desk.store.transactions)


async def test_facets_are_counted_the_most_frequent_first(desk, library, favorites):
    cat = await shelve(desk, recipe=recipe("cat", "outdoor"))
    car = await shelve(desk, recipe=recipe("car", "outdoor"))
    models = [ModelFile("checkpoints", "dream.safetensors"), ModelFile("loras", "ink.safetensors")]
    await shelve(desk, models=models)
    await favorites.add(None, cat, 5, tags=["best", "print"], now=1.0)
    await favorites.add(None, car, 5, tags=["best"], now=1.0)
    facets = await library.facets()
    assert (facets.total, facets.favorites) == (3, 2)
    assert facets.categories == [Facet("outdoor", 2), Facet("car", 1), Facet("cat", 1)]
    assert facets.models == [Facet("dream.safetensors", 3), Facet("ink.safetensors", 1)]
    assert facets.tags == [Facet("best", 2), Facet("print", 1)]
    assert facets.workflows == [Facet("sd15", 2)]


async def test_facets_of_an_owner_are_of_theirs_alone(desk, library, favorites):
    await shelve(desk, owner="ann", recipe=recipe("cat"))
    bobs = await shelve(desk, owner="bob", recipe=recipe("car"), model="bob.safetensors")
    await favorites.add("bob", bobs, 5, tags=["secret"], now=1.0)
    facets = await library.facets("ann")
    assert (facets.total, facets.favorites, facets.tags) == (1, 0, [])
    assert (facets.categories, facets.workflows) == ([Facet("cat", 1)], [Facet("sd15", 1)])
    assert facets.models == [Facet("dream.safetensors", 1)]
    assert (await library.facets("carol")).total == 0


def test_only_so_many_names_are_told_and_none_that_is_empty():
    found = [("", 1_000), *((f"{number:04}", number) for number in range(1, MOST + 2))]
    names = [facet.name for facet in ranked(found)]
    assert (len(names), names[0], names[-1]) == (MOST, f"{MOST + 1:04}", "0002")
