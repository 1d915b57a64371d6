from dataclasses import replace

import pytest

from comfy_gen.composition.adapting import adapt
from comfy_gen.composition.categories.category import Kind, LoraUse, Range, WorkflowWishes
from comfy_gen.composition.categories.registry import Registry
from comfy_gen.composition.compose import Ask, Wishes, compose
from comfy_gen.composition.recipe import Recipe, RecipeLora
from comfy_gen.composition.texts.variants import expand
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import CategoryNotFoundError, PolicyTierError
from tests.composition.making import composed, made, stock

PORTRAIT = made(
    "portrait",
    words=("portrait", "headshot"),
    shows=("detailed face",),
    wants=(LoraUse("skin.safetensors", 0.4, ("skin texture",)),),
    steps=Range(30, 100, 50),
    aspect_ratio=(3, 4),
)
CAR = made("car", shows=("shiny paint",), wants=("chrome.safetensors",), steps=Range(20, 40, 25), aspect_ratio=(16, 9))
OUTDOOR = made("outdoor", Kind.SETTING, shows=("open sky",), wants=(LoraUse("sky.safetensors", 0.5),))
HORROR = made("horror", Kind.STYLE, tier=Tier.MATURE)
ANIME = made("anime", Kind.STYLE, conflicts_with=("outdoor",), avoids=("sky.safetensors",))
ALL = PORTRAIT, CAR, OUTDOOR, HORROR, ANIME
REGISTRY = Registry.of(ALL)
RECIPE = composed("@portrait @outdoor professional headshot, soft light", *ALL).recipe


def adapted(*targets, recipe=RECIPE, of=None, **said):
    return adapt(recipe, targets, REGISTRY, of or stock(), **said)


def test_categories_of_the_same_kind_are_replaced_and_their_words_taken_out():
    result = adapted("car")
    recipe = result.composition.recipe
    assert recipe.categories == ("car", "outdoor")
    assert recipe.positive_prompt == "professional, soft light, car, shiny paint, open sky"
    assert recipe.input == "@car @outdoor professional, soft light"
    assert result.adaptations == (
        "Replaced portrait with car",
        "Took “headshot” out of the text",
        "Replaced portrait loras with car-compatible alternatives",
        "Changed steps from 50 to 40 for car",
    )


def test_adapted_recipe_is_that_of_its_own_input():
    recipe = adapted("car", preserve_loras=False, preserve_settings=False).composition.recipe
    assert compose(Ask(input=recipe.input), REGISTRY, stock()).recipe == recipe


def test_loras_of_others_are_kept_with_their_strength():
    recipe = replace(RECIPE, loras=(*RECIPE.loras, RecipeLora("mine.safetensors", 0.3)))
    files = [tuple(one) for one in adapted("car", recipe=recipe).composition.recipe.loras]
    assert files == [("sky.safetensors", 0.5), ("mine.safetensors", 0.3), ("chrome.safetensors", 1.0)]


def test_loras_that_cannot_stay_are_told_with_the_reason():
    loras = RecipeLora("sky.safetensors", 0.5), RecipeLora("flux-ink.safetensors", 0.2)
    result = adapted("anime", recipe=replace(RECIPE, loras=loras))
    assert "Left out the LoRA sky.safetensors: anime avoids it" in result.adaptations
    assert (
        "Left out the LoRA flux-ink.safetensors: it is made for flux, not for the model of sdxl" in result.adaptations
    )


def test_without_preserving_only_the_categories_loras_are_used():
    recipe = replace(RECIPE, loras=(*RECIPE.loras, RecipeLora("mine.safetensors", 0.3)))
    result = adapted("car", recipe=recipe, preserve_loras=False)
    assert {one.filename for one in result.composition.recipe.loras} == {"chrome.safetensors", "sky.safetensors"}
    assert "Left out the LoRA mine.safetensors: no others were to be kept" in result.adaptations


def test_loras_without_an_alternative_are_left_out():
    result = adapted("car", of=stock(models=models()))
    assert "Left out portrait loras, for which car has no alternatives" in result.adaptations


def models():
    return {"checkpoints": ["sd_xl_base_1.0.safetensors"], "loras": ["sky.safetensors", "skin.safetensors"]}


def test_loras_that_have_to_be_weaker_are_told():
    recipe = replace(RECIPE, loras=(RecipeLora("mine.safetensors", 1.5),))
    assert "Changed the LoRA mine.safetensors from 1.5 to 1" in adapted("car", recipe=recipe).adaptations


def test_settings_are_kept_where_the_target_bears_them():
    recipe = replace(RECIPE, steps=35, cfg=4.5, sampler="lms", width=640, height=640, seed=3)
    after = adapted("car", recipe=recipe).composition.recipe
    assert (after.steps, after.cfg, after.sampler, after.width, after.height, after.seed) == (
        35,
        4.5,
        "lms",
        640,
        640,
        3,
    )


def test_settings_that_are_not_to_be_kept_are_the_targets():
    result = adapted("car", preserve_settings=False)
    recipe = result.composition.recipe
    assert (recipe.steps, recipe.width, recipe.height) == (25, 1344, 768)
    assert "Changed steps from 50 to 25 for car" in result.adaptations


def test_workflow_and_model_are_kept_unless_the_target_excludes_them():
    wishes = Wishes(workflow="sd15", model="dreamshaper_8.safetensors")
    recipe = composed("@portrait", *ALL, wishes=wishes).recipe
    kept = adapted("car", recipe=recipe).composition.recipe
    assert (kept.workflow, kept.checkpoint) == ("sd15", "dreamshaper_8.safetensors")
    other = replace(CAR, workflows=WorkflowWishes(excluded=("sd15",)))
    result = adapt(recipe, ["car"], Registry.of([PORTRAIT, other]), stock())
    assert result.composition.recipe.workflow == "sdxl"
    assert "Changed workflow from sd15 to sdxl for car" in result.adaptations


def test_categories_of_other_kinds_are_added_and_may_drop_those_there_were():
    result = adapted("anime")
    assert result.composition.categories == ("anime", "portrait")
    assert result.adaptations[0] == "Added anime"
    assert result.adaptations[1].startswith("Left out outdoor: anime and outdoor cannot go together")


def test_conflicts_about_settings_are_told_as_changes():
    narrow = replace(CAR, settings=replace(CAR.settings, steps=Range(5, 9, 7), sampler="lms"))
    place = replace(OUTDOOR, settings=replace(OUTDOOR.settings, steps=Range(30, 60, 40)))
    result = adapt(RECIPE, ["car"], Registry.of([PORTRAIT, narrow, place]), stock())
    assert result.composition.conflicts[0].about == "steps"
    assert not any("Left out" in sentence for sentence in result.adaptations)


def test_category_that_is_none_any_more_is_told():
    result = adapted("car", recipe=replace(RECIPE, categories=("portrait", "gone")))
    assert "Left out gone, which is no category any more" in result.adaptations


def test_target_that_the_recipe_had_changes_nothing():
    result = adapted("portrait")
    assert result.adaptations == ()
    assert result.composition.recipe.positive_prompt == RECIPE.positive_prompt


def test_target_above_the_tier_of_the_recipe_is_refused():
    with pytest.raises(PolicyTierError) as caught:
        adapted("horror", may=Tier.GENERAL)
    assert (caught.value.by, caught.value.may) == (["@horror"], "general")
    assert adapted("horror", recipe=replace(RECIPE, tier=Tier.MATURE)).composition.categories[0] == "horror"


def test_target_that_there_is_not_is_refused():
    with pytest.raises(CategoryNotFoundError):
        adapted("cra")


def test_words_that_variants_came_to_are_found_in_the_prompt():
    text = expand("@portrait {red hat|red hat} ", 1, {})
    recipe = compose(Ask(input="@portrait {red hat|red hat}"), REGISTRY, stock(), text=text).recipe
    assert adapted("car", recipe=recipe).composition.recipe.positive_prompt == "red hat, car, shiny paint"


def test_recipe_that_was_not_composed_is_adapted_by_its_prompt():
    recipe = Recipe(input="a cat", positive_prompt="a cat", workflow="sdxl", steps=12)
    result = adapted("outdoor", recipe=recipe)
    assert result.composition.recipe.positive_prompt == "a cat, open sky"
    assert "Added outdoor" in result.adaptations


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("a headshot of an old man", "an old man"),
        ("(headshot:1.3), red hat", "red hat"),
        ("red hat, headshots, blue sky", "red hat, blue sky"),
        ("a headshotgun", "a headshotgun"),
        ("a portrait car", "car"),
    ],
)
def test_words_are_taken_out_cleanly(words, left):
    named = left if "car" in left else f"{left}, car"
    recipe = composed(f"@portrait {words}", *ALL).recipe
    assert adapted("car", recipe=recipe).composition.recipe.positive_prompt.startswith(f"{named}, shiny paint")
