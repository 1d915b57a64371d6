"""What people ask for, presets and recipes are brought together."""

import pytest

from comfy_gen.app.wishes import ask_for, changed, filled, request_of, title_of, values_of
from comfy_gen.composition.recipe import Recipe, RecipeLora
from comfy_gen.composition.texts.variants import Choice
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import PresetNotFoundError
from comfy_gen.library.presets import Preset
from comfy_gen.pipeline.request import GenerationRequest, Lora

RECIPE = Recipe(
    input="@fox a {red|grey} fox",
    positive_prompt="a red fox",
    negative_prompt="blurry",
    workflow="sd15",
    checkpoint="dream.safetensors",
    loras=(RecipeLora("ink", 0.5),),
    steps=30,
    cfg=7.0,
    width=512,
    height=768,
    sampler="euler",
    scheduler="normal",
    denoise=0.9,
    seed=7,
    expansions=(Choice(8, 2, "red"),),
)


class Presets:
    """Those of Ann."""

    async def get(self, owner, name):
        if (owner, name) != ("ann", "mine"):
            raise PresetNotFoundError(name)
        values = {"steps": 7, "cfg": 3.0, "loras": [{"name": "ink", "strength": 0.5}, {"name": "snow"}]}
        return Preset(name=name, owner=owner, values=values)


# --- requests


async def test_preset_says_what_the_request_does_not():
    request = await filled(GenerationRequest(prompt="a fox", steps=9, preset="mine"), Presets(), "ann")
    assert (request.steps, request.cfg, request.preset) == (9, 3.0, None)
    assert request.loras == (Lora("ink", 0.5), Lora("snow", 1.0))


@pytest.mark.parametrize("preset", [None, "draft"])
async def test_request_without_a_preset_of_somebody_s_is_left_alone(preset):
    request = GenerationRequest(prompt="a fox", preset=preset)
    assert await filled(request, Presets(), "ann") is request


async def test_preset_of_somebody_else_is_not_found():
    with pytest.raises(PresetNotFoundError):
        await filled(GenerationRequest(preset="mine"), Presets(), "ben")


# --- what is to be composed


def test_what_is_said_goes_before_the_preset():
    ask = ask_for("a fox", {"steps": 9, "cfg": None}, {"steps": 7, "cfg": 3.0}, tier=Tier.MATURE)
    assert (ask.input, ask.wishes.steps, ask.wishes.cfg, ask.tier) == ("a fox", 9, 3.0, Tier.MATURE)


def test_nothing_is_no_wish_and_zero_is_one():
    ask = ask_for("a fox", {"cfg": 0.0, "model": None, "loras": []}, {"loras": [{"name": "ink"}]})
    assert (ask.wishes.cfg, ask.wishes.model) == (0.0, None)
    assert ask.wishes.loras == (RecipeLora("ink", 1.0),)


def test_loras_that_are_said_replace_those_of_the_preset():
    ask = ask_for("a fox", {"loras": [("snow", 0.3)]}, {"loras": [{"name": "ink"}]})
    assert ask.wishes.loras == (RecipeLora("snow", 0.3),)


def test_categories_of_a_preset_are_tags_of_the_text():
    assert ask_for("a fox", {}, {"categories": ["night", "rain"]}).input == "a fox @night @rain"


@pytest.mark.parametrize(("said", "seed"), [(-1, None), (None, None), (0, 0), (7, 7)])
def test_seed_is_kept_unless_it_is_random(said, seed):
    assert ask_for("a fox", {"seed": said}, {}).seed == seed


def test_values_of_a_preset_without_loras_have_none():
    assert values_of({"steps": 7}) == {"steps": 7, "loras": ()}


# --- recipes


def test_recipe_asks_its_workflow_for_all_that_it_says():
    assert request_of(RECIPE) == GenerationRequest(
        prompt="a red fox",
        negative_prompt="blurry",
        workflow="sd15",
        model="dream.safetensors",
        loras=(Lora("ink", 0.5),),
        steps=30,
        cfg=7.0,
        width=512,
        height=768,
        sampler="euler",
        scheduler="normal",
        denoise=0.9,
        seed=7,
    )


def test_recipe_is_changed_by_nothing_but_what_is_said():
    assert changed(RECIPE, GenerationRequest()) == RECIPE
    assert changed(RECIPE, request_of(RECIPE), RECIPE.expansions, written=RECIPE.input) == RECIPE
    said = changed(RECIPE, GenerationRequest(model="photo.safetensors", steps=9, seed=8, loras=(Lora("snow", 0.2),)))
    assert (said.checkpoint, said.steps, said.seed) == ("photo.safetensors", 9, 8)
    assert said.loras == (RecipeLora("snow", 0.2),)
    assert (said.input, said.expansions) == (RECIPE.input, RECIPE.expansions)


def test_random_seed_is_none_in_a_recipe():
    assert changed(RECIPE, GenerationRequest(seed=-1)).seed is None


def test_prompt_of_ones_own_is_what_the_recipe_is_made_of_then():
    plain = changed(RECIPE, GenerationRequest(prompt="a cat"))
    assert (plain.input, plain.positive_prompt, plain.expansions) == ("a cat", "a cat", ())
    choice = Choice(2, 2, "big")
    varied = changed(RECIPE, GenerationRequest(prompt="a big cat"), [choice], written="a {big|fat} cat")
    assert (varied.input, varied.positive_prompt) == ("a {big|fat} cat", "a big cat")
    assert varied.expansions == (choice,)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (" a\n  red\tfox ", "a red fox"),
        ("", ""),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        ("x" * 100_000, "x" * 59 + "…"),
    ],
)
def test_title_is_what_was_written_in_one_short_line(text, title):
    assert title_of(text) == title
