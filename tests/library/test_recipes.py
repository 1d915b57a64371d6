"""Recipes by their ids, on both databases."""

from __future__ import annotations

import pytest

from comfy_gen.composition.recipe import Recipe
from comfy_gen.errors import RecipeNotFoundError
from comfy_gen.library.recipes import Recipes
from tests.library.shelf import shelve

FOX = Recipe(input="a fox", positive_prompt="a fox, forest", steps=20, cfg=7.0)


@pytest.fixture
def recipes(desk):
    """The recipes of a store."""
    return Recipes(desk.store.transactions)


async def test_kept_recipe_is_found_by_its_id(recipes):
    await recipes.keep(FOX, now=1.0)
    for wanted in (FOX.id, FOX.digest, FOX.id.upper(), FOX.id[:19], f" {FOX.digest[:12]} "):
        assert await recipes.get(wanted) == FOX


async def test_keeping_twice_keeps_once(recipes):
    for now in (1.0, 2.0):
        await recipes.keep(FOX, now=now, is_durable=False)
    assert await recipes.prune(1.5) == 1


@pytest.mark.parametrize("wanted", ["", "sha256:", FOX.digest[:11], "g" * 64, "0" * 64, "%", FOX.digest + "0"])
async def test_what_is_no_id_of_a_recipe_finds_nothing(recipes, wanted):
    await recipes.keep(FOX, now=1.0)
    with pytest.raises(RecipeNotFoundError):
        await recipes.get(wanted)


async def test_recipes_that_were_never_run_are_pruned(desk, recipes):
    await recipes.keep(FOX, now=1.0)
    run = Recipe(input="a car")
    await recipes.keep(run, now=1.0)
    await shelve(desk, recipe=run.as_json())
    assert await recipes.prune(1.0) == 0
    assert await recipes.prune(2.0) == 1
    assert await recipes.get(run.id) == run
    with pytest.raises(RecipeNotFoundError):
        await recipes.get(FOX.id)


async def test_a_recipe_that_is_kept_again_after_a_long_time_is_as_good_as_new(recipes):
    for now in (1.0, 1e6):
        await recipes.keep(FOX, now=now)
    assert await recipes.prune(1e6) == 0
    assert await recipes.get(FOX.id) == FOX
