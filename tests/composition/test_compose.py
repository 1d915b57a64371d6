from dataclasses import replace

import pytest

from comfy_gen.composition.categories.category import Kind, LoraUse, Range
from comfy_gen.composition.categories.registry import Registry
from comfy_gen.composition.choices.merging import Words
from comfy_gen.composition.compose import Ask, Draft, compose, recipe_for
from comfy_gen.composition.explanation import Account
from comfy_gen.composition.recipe import Recipe, RecipeLora, graph_digest
from comfy_gen.composition.texts.variants import expand
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import CategoryNotFoundError, PolicyTierError
from tests.composition.making import composed, made, models_of, stock, template

PORTRAIT = made(
    "portrait",
    words=("portrait", "headshot"),
    shows=("detailed face", "sharp focus on eyes"),
    hides=("blurry", "distorted face"),
    steps=Range(30, 100, 50),
    cfg=Range(6, 12, 7.5),
    priority=70,
)
OUTDOOR = made("outdoor", Kind.SETTING)


def steps(composition):
    return [(step.phase, step.action, step.detail, step.source) for step in composition.explanation.steps]


def test_documented_request_has_the_documented_answer():
    composition = composed("@portrait @outdoor professional headshot natural lighting", PORTRAIT, OUTDOOR)
    recipe = composition.recipe
    assert recipe.positive_prompt == ("professional headshot natural lighting, detailed face, sharp focus on eyes")
    assert (recipe.negative_prompt, recipe.steps, recipe.cfg) == ("blurry, distorted face", 50, 7.5)
    assert composition.categories == ("portrait", "outdoor")
    assert composition.explanation.summary == "Selected portrait (subject) and outdoor (setting) categories"
    assert ("parsing", "tag_extraction", "Found @portrait, @outdoor tags", "parser") in steps(composition)
    assert ("composition", "prompt_merge", "Merged 2 positive fragments", "portrait") in steps(composition)


def test_single_category_is_told_in_the_singular():
    composition = composed("@portrait", PORTRAIT)
    assert composition.explanation.summary == "Selected portrait (subject) category"
    assert ("parsing", "tag_extraction", "Found @portrait tag", "parser") in steps(composition)


def test_recipe_says_what_it_was_made_of():
    recipe = composed("@portrait", PORTRAIT, seed=7, tier=Tier.MATURE).recipe
    assert (recipe.input, recipe.seed, recipe.tier) == ("@portrait", 7, Tier.MATURE)
    assert (recipe.workflow, recipe.workflow_digest) == ("sdxl", graph_digest(template("sdxl").workflow))


def test_recipe_is_another_one_once_a_category_changes_but_not_by_where_it_lies():
    before = composed("@portrait", PORTRAIT).recipe
    assert composed("@portrait", replace(PORTRAIT, source="other.yaml")).recipe.id == before.id
    assert composed("@portrait", PORTRAIT, OUTDOOR).recipe.id == before.id
    after = composed("@portrait", replace(PORTRAIT, description="Another.")).recipe
    assert after.version != before.version
    assert after.id != before.id


def test_variants_are_composed_as_they_came_out_and_told():
    text = expand("@portrait {red|grey} hat, __light__", 3, {"light": ["soft light"]})
    composition = compose(Ask(input="@portrait {red|grey} hat, __light__"), Registry.of([PORTRAIT]), stock(), text=text)
    assert composition.recipe.input == "@portrait {red|grey} hat, __light__"
    assert composition.recipe.positive_prompt.startswith(f"{text.choices[0].chosen} hat, soft light, ")
    assert composition.recipe.expansions == text.choices
    details = [step.detail for step in composition.explanation.steps if step.action == "expansion"]
    assert details == [f"Took “{text.choices[0].chosen}” of 2 variants", "Took “soft light” of __light__"]


def test_what_the_words_mean_and_what_they_do_not_want_is_told():
    composition = composed("a portrait, no people", PORTRAIT, made("people"))
    told = steps(composition)
    assert any(action == "inference" and "portrait" in detail for _, action, detail, _ in told)
    assert ("parsing", "negation", "Not to be shown: “people”", "parser") in told


def test_earlier_recipe_is_kept_where_the_categories_bear_it():
    before = Recipe(workflow="sd15", checkpoint="dreamshaper_8.safetensors", loras=(RecipeLora("a", 0.5),), steps=35)
    draft = Draft(ask=Ask(input="x"), words=Words("x"), categories=(PORTRAIT,), kept=before)
    recipe = recipe_for(draft, stock(), Account()).recipe
    assert (recipe.workflow, recipe.checkpoint) == ("sd15", "dreamshaper_8.safetensors")
    assert (recipe.loras, recipe.steps, recipe.cfg) == (before.loras, 35, 7.5)
    unpainted = recipe_for(replace(draft, kept=Recipe(workflow="sd15")), stock(), Account()).recipe
    assert unpainted.checkpoint == "v1-5-pruned-emaonly-fp16.safetensors"


def test_words_that_a_lora_needs_are_in_the_prompt():
    lora = LoraUse("ink.safetensors", triggers=("inkstyle",))
    assert composed("@portrait", made("portrait", wants=(lora,))).recipe.positive_prompt == "portrait, inkstyle"


def test_lora_that_the_text_names_is_a_wish_and_no_word():
    engines = stock("sdxl", models=models_of("sdxl") | {"loras": {"styles/ink.safetensors"}})
    composition = composed("@portrait a man, <lora:ink:0.8:0.5>, old", PORTRAIT, of=engines)
    recipe = composition.recipe
    assert recipe.loras == (("styles/ink.safetensors", 0.8),)
    assert recipe.positive_prompt.startswith("a man, old, ")
    assert "<lora" not in recipe.positive_prompt
    assert recipe.input == "@portrait a man, <lora:ink:0.8:0.5>, old"
    said = "Read <lora:ink> as a wish for this LoRA with a strength of 0.8, and took it out"
    assert ("parsing", "lora_extraction", said, "parser") in steps(composition)


def test_name_of_a_lora_counts_for_the_policy():
    with pytest.raises(PolicyTierError) as caught:
        composed("@portrait a woman <lora:nude-style:1>", PORTRAIT)
    assert caught.value.by == ["nude"]


def test_composition_is_json_with_its_recipe_and_id():
    composition = composed("@portrait", PORTRAIT)
    assert composition.as_json() == {
        "recipe": composition.recipe.as_json(),
        "recipe_id": composition.recipe.id,
        "categories_used": ["portrait"],
        "explanation": composition.explanation.as_json(),
        "conflicts": [],
    }


def test_last_step_names_the_recipe():
    composition = composed("@portrait", PORTRAIT)
    assert steps(composition)[-1] == ("recipe", "recipe_hash", f"The recipe is {composition.recipe.id}", "recipe")


def test_category_that_somebody_wants_left_out_is_not_used_and_that_is_said():
    text = "@portrait headshot in the outdoor light"
    with_it = composed(text, PORTRAIT, OUTDOOR)
    without = composed(text, PORTRAIT, OUTDOOR, without=("Outdoor", "outdoor"))
    assert (with_it.categories, without.categories) == (("portrait", "outdoor"), ("portrait",))
    (rejected,) = [one for one in without.explanation.rejected if one.what == "outdoor"]
    assert (rejected.source, rejected.reason) == ("you", "you asked for it to be left out")
    assert (without.recipe.without, without.recipe.input) == (("outdoor",), text)
    assert without.recipe.positive_prompt.startswith("headshot in the outdoor light")


def test_tag_is_left_out_too_and_what_requires_it_goes_without():
    needy = made("needy", requires=("outdoor",))
    composition = composed("@needy @outdoor", needy, OUTDOOR, without=("outdoor",))
    assert composition.categories == ("needy",)


def test_category_to_be_left_out_that_there_is_not_is_refused():
    with pytest.raises(CategoryNotFoundError):
        composed("@portrait", PORTRAIT, without=("outdor",))


def test_what_the_text_says_needs_its_tier_whatever_is_left_out():
    horror = made("horror", Kind.STYLE, tier=Tier.MATURE, words=("horror",))
    with pytest.raises(PolicyTierError):
        composed("@portrait horror", PORTRAIT, horror, without=("horror",))
