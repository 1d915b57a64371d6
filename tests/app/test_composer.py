"""What an installation has is put together for composing, and what comes of it is kept."""

import asyncio
import logging
from dataclasses import dataclass, field

import pytest

from comfy_gen.app import composer as module
from comfy_gen.app.composer import KEPT, PRUNE_EVERY, Composer
from comfy_gen.app.planner import Varied
from comfy_gen.composition.ask import Ask, Wishes
from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.categories.registry import Registry
from comfy_gen.composition.recipe import Recipe, graph_digest
from comfy_gen.composition.tier import Tier
from comfy_gen.config import CompositionOptions
from comfy_gen.errors import (
    CategoryNotFoundError,
    ForbiddenContentError,
    NoEngineError,
    PolicyTierError,
    PromptSyntaxError,
    RecipeNotFoundError,
)
from comfy_gen.pipeline.request import GenerationRequest
from comfy_gen.workflows.catalogue import load_template
from tests.composition.making import made

FOX = made("fox", shows=("red fur",))
NIGHT = made("night", Kind.SETTING, shows=("moonlight",))


class Categories:
    def current(self):
        return Registry.of([FOX, NIGHT])


class Wildcards:
    def current(self):
        return {"hat": ["a bowler", "a top hat"]}


@dataclass
class Knowledge:
    """Engines that have these models; none where there are none."""

    known: dict[str, list[str]] = field(default_factory=dict)

    async def models(self, *, need):
        if not self.known:
            raise NoEngineError(need)
        return self.known


class Planner:
    async def template(self, name):
        return load_template(name)


@dataclass
class Recipes:
    kept: dict[str, Recipe] = field(default_factory=dict)
    pruned: list[float] = field(default_factory=list)
    durable: bool = False

    async def keep(self, recipe, *, now, is_durable):
        self.kept[recipe.id] = recipe
        self.durable |= is_durable

    async def get(self, recipe_id):
        if recipe_id not in self.kept:
            raise RecipeNotFoundError(recipe_id)
        return self.kept[recipe_id]

    async def prune(self, before):
        self.pruned.append(before)


@dataclass
class Clock:
    now: float = 1e9

    def time(self):
        return self.now


def composer(recipes=None, knowledge=None, **options):
    return Composer(
        categories=Categories(),
        wildcards=Wildcards(),
        knowledge=knowledge or Knowledge(),
        planner=Planner(),
        recipes=Recipes() if recipes is None else recipes,
        options=CompositionOptions(**options),
    )


async def adapted(composing, recipe, *targets, tier=Tier.GENERAL):
    return await composing.adapt(
        recipe, targets, tier=tier, may=Tier.EXPLICIT, preserve_loras=True, preserve_settings=True
    )


# --- composing


async def test_recipe_is_kept_but_not_for_power_failures():
    recipes = Recipes()
    composition = await composer(recipes).compose(Ask(input="@fox in a forest"))
    assert recipes.kept == {composition.recipe.id: composition.recipe}
    assert recipes.durable is False


async def test_text_without_variants_has_no_seed_of_its_own():
    composition = await composer().compose(Ask(input="@fox in a forest"))
    assert (composition.recipe.seed, composition.recipe.expansions) == (None, ())


async def test_text_with_variants_has_the_seed_that_chose_them():
    composing = composer()
    text = "@fox in {a forest|a town} with __hat__"
    recipe = (await composing.compose(Ask(input=text))).recipe
    assert recipe.seed is not None
    assert (await composing.compose(Ask(input=text, seed=recipe.seed))).recipe == recipe
    chosen = {(await composing.compose(Ask(input=text, seed=seed))).recipe.positive_prompt for seed in range(40)}
    assert len(chosen) == 4


async def test_workflow_that_is_named_goes_before_the_others():
    recipe = (await composer().compose(Ask(input="@fox", wishes=Wishes(workflow="sd15")))).recipe
    assert (recipe.workflow, recipe.workflow_digest) == ("sd15", graph_digest(load_template("sd15").workflow))


async def test_models_of_the_engines_decide_once_one_answers():
    knowledge = Knowledge()
    composing = composer(knowledge=knowledge)
    usual = (await composing.compose(Ask(input="@fox"))).recipe
    assert usual.workflow == "sdxl"
    need = load_template("sd15").models[0]
    knowledge.known = {need.folder: [need.file]}
    recipe = (await composing.compose(Ask(input="@fox"))).recipe
    assert (recipe.workflow, recipe.checkpoint) == ("sd15", need.file)


async def test_model_of_the_settings_is_taken_for_its_name():
    need = load_template("sd15").models[0]
    knowledge = Knowledge({need.folder: [need.file, "mine.safetensors"]})
    composing = composer(knowledge=knowledge, models=("photo=mine.safetensors",))
    recipe = (await composing.compose(Ask(input="@fox", wishes=Wishes(workflow="sd15", model="photo")))).recipe
    assert recipe.checkpoint == "mine.safetensors"


async def test_what_no_tier_allows_is_logged_with_who_asked_and_not_kept(caplog):
    recipes = Recipes()
    with caplog.at_level(logging.WARNING), pytest.raises(ForbiddenContentError):
        await composer(recipes).compose(Ask(input="@fox and a nude child"), "ann")
    assert "asked for by 'ann'" in caplog.text
    assert "nude" not in caplog.text
    assert recipes.kept == {}


async def test_preview_keeps_nothing_and_knows_the_variants():
    recipes = Recipes()
    found = await composer(recipes).preview(Ask(input="@fox {at night|at night}"))
    assert found.tags_found == ("fox",)
    assert "night" in [one.id for one in found.categories_inferred]
    assert recipes.kept == {}
    with pytest.raises(PromptSyntaxError):
        await composer().preview(Ask(input="@fox {a|b"))


async def test_preview_of_a_long_text_is_no_other():
    found = await composer().preview(Ask(input="@fox at night, " * 500))
    assert [one.id for one in found.categories] == ["fox", "night"]
    assert len(found.categories[0].spans) == 500


async def test_wildcards_are_told():
    assert await composer().wildcards() == {"hat": ["a bowler", "a top hat"]}


async def test_seed_that_an_input_says_decides_what_is_chosen():
    prompt = "a {fox|owl|cat|dog|hen|cow}"
    said = [
        await composer().varied(GenerationRequest(prompt=prompt, seed=seed, inputs=inputs))
        for seed, inputs in ((7, {}), (None, {"seed": 7}))
    ]
    assert [one.choices for one in said[1:]] == [one.choices for one in said[:1]]
    assert [one.request.seed for one in said] == [7, None]


# --- keeping


async def test_old_recipes_are_forgotten_now_and_then(monkeypatch):
    clock, recipes = Clock(), Recipes()
    monkeypatch.setattr(module, "time", clock)
    composing = composer(recipes)
    for seconds in (0, PRUNE_EVERY, 1):
        clock.now += seconds
        await composing.keep(Recipe())
    assert recipes.pruned == [1e9 - KEPT, clock.now - KEPT]


async def test_recipe_is_found_by_whom_its_tier_is_for():
    recipe = Recipe(positive_prompt="a fox", tier=Tier.MATURE)
    composing = composer(Recipes({recipe.id: recipe}))
    assert await composing.recipe(recipe.id, tier=Tier.EXPLICIT, may=Tier.EXPLICIT) == recipe
    with pytest.raises(PolicyTierError) as caught:
        await composing.recipe(recipe.id, tier=Tier.GENERAL, may=Tier.GENERAL)
    assert (caught.value.needed, caught.value.allowed) == ("mature", "general")
    with pytest.raises(RecipeNotFoundError):
        await composing.recipe("sha256:0", tier=Tier.GENERAL, may=Tier.GENERAL)


# --- adapting


async def test_recipe_is_adapted_to_other_categories_and_kept():
    recipes = Recipes()
    composing = composer(recipes)
    before = (await composing.compose(Ask(input="@fox", wishes=Wishes(workflow="sd15", steps=11)))).recipe
    after = (await adapted(composing, before, "fox", "night")).composition.recipe
    assert (after.workflow, after.steps, after.categories) == ("sd15", 11, ("fox", "night"))
    assert recipes.kept[after.id] == after


async def test_recipe_is_of_no_higher_tier_than_it_takes_whatever_its_caller_may_have():
    before = Recipe(input="a fox", positive_prompt="a fox")
    after = (await adapted(composer(), before, "night", tier=Tier.EXPLICIT)).composition.recipe
    assert after.tier is Tier.GENERAL


async def test_recipe_without_a_workflow_is_adapted_to_one():
    after = (await adapted(composer(), Recipe(input="a fox", positive_prompt="a fox"), "night")).composition.recipe
    assert after.workflow


async def test_what_cannot_be_adapted_is_refused_and_not_kept():
    recipes = Recipes()
    with pytest.raises(PolicyTierError):
        await adapted(composer(recipes), Recipe(positive_prompt="x", tier=Tier.MATURE), "fox")
    with pytest.raises(CategoryNotFoundError):
        await adapted(composer(recipes), Recipe(positive_prompt="x"), "dragon")
    assert recipes.kept == {}


# --- prompts of requests


async def test_prompt_without_variants_is_left_alone():
    request = GenerationRequest(prompt="a fox")
    assert await composer().varied(request) is request
    assert await composer().varied(GenerationRequest(seed=5)) == GenerationRequest(seed=5)


async def test_prompt_with_variants_is_chosen_by_the_seed_and_remembered():
    first = await composer().varied(GenerationRequest(prompt="a {red|grey} fox", seed=5))
    assert isinstance(first, Varied)
    assert (first.input, first.request.seed) == ("a {red|grey} fox", 5)
    assert first.request.prompt == f"a {first.choices[0].chosen} fox"
    assert await composer().varied(GenerationRequest(prompt="a {red|grey} fox", seed=5)) == first


@pytest.mark.parametrize("seed", [None, -1])
async def test_seed_that_is_random_is_the_one_that_chose(seed):
    varied = await composer().varied(GenerationRequest(prompt="a {red|grey} fox", seed=seed))
    again = await composer().varied(GenerationRequest(prompt="a {red|grey} fox", seed=varied.request.seed))
    assert again == varied


async def test_brace_that_is_meant_as_such_chooses_nothing_and_leaves_the_seed():
    varied = await composer().varied(GenerationRequest(prompt=r"a \{fox\}", seed=-1))
    assert (varied.request.prompt, varied.request.seed, varied.choices) == ("a {fox}", -1, ())


async def test_many_may_ask_at_once_for_the_first_time():
    composing = composer()
    first, *others = await asyncio.gather(*(composing.compose(Ask(input="@fox")) for _ in range(4)))
    assert all(other.recipe == first.recipe for other in others)
