from dataclasses import replace

import pytest

from comfy_gen.composition.categories.category import Condition, Kind, LoraUse
from comfy_gen.composition.choices.choosing import choose
from comfy_gen.composition.choices.loras import stack
from comfy_gen.composition.choices.stock import Stock
from comfy_gen.composition.compose import Wishes
from comfy_gen.composition.explanation import Account
from comfy_gen.composition.recipe import RecipeLora
from comfy_gen.errors import InvalidRequestError, ModelNotFoundError
from tests.composition.making import composed, made, models_of, reasons, stock, template

INK = LoraUse("ink.safetensors", 0.8, ("inkstyle",))


def loras(composition):
    return [tuple(one) for one in composition.recipe.loras]


def on(*files, **said):
    """Return a stock with SDXL alone, and these LoRAs."""
    return stock("sdxl", models=models_of("sdxl") | {"loras": files}, **said)


def test_required_come_before_recommended_and_triggers_are_in_the_prompt():
    composition = composed("@fox", made("fox", wants=(INK,), needs=("base.safetensors",)))
    assert loras(composition) == [("base.safetensors", 1.0), ("ink.safetensors", 0.8)]
    assert composition.recipe.positive_prompt == "fox, inkstyle"


def test_trigger_that_is_in_the_words_is_not_added():
    composition = composed("a @fox fox in InkStyle", made("fox", wants=(INK,)))
    assert composition.recipe.positive_prompt == "a fox in InkStyle"


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        (Condition(families=("flux", "sd15")), "it is made for flux and sd15, not for the model of sdxl"),
        (Condition(workflows=("sd15",)), "it is for other workflows than sdxl, or for other categories"),
        (Condition(categories=("dog",)), "it is for other workflows than sdxl, or for other categories"),
        (Condition(without=("fox",)), "it is for other workflows than sdxl, or for other categories"),
    ],
)
def test_lora_is_for_its_own_pictures(when, reason):
    composition = composed("@fox", made("fox", wants=(LoraUse("ink.safetensors", when=when),)))
    assert loras(composition) == []
    assert reasons(composition, "ink.safetensors") == [reason]


def test_lora_whose_condition_holds_is_used():
    when = Condition(families=("sdxl",), workflows=("sdxl",), categories=("fox",), without=("dog",))
    composition = composed("@fox", made("fox", wants=(LoraUse("ink.safetensors", when=when),)))
    assert loras(composition) == [("ink.safetensors", 1.0)]


def test_lora_whose_name_says_another_family_is_left_out():
    composition = composed("@fox", made("fox", wants=("flux-ink.safetensors",)))
    assert reasons(composition, "flux-ink.safetensors") == ["it is made for flux, not for the model of sdxl"]


def test_lora_that_anybody_avoids_is_left_out_whoever_needs_it():
    fox, snow = made("fox", needs=("styles/Ink.safetensors",)), made("snow", Kind.MODIFIER, avoids=("ink.safetensors",))
    composition = composed("@fox @snow", fox, snow)
    assert loras(composition) == []
    assert reasons(composition, "styles/Ink.safetensors") == ["snow avoids it"]


def test_of_two_strengths_that_of_the_higher_priority_counts():
    fox = made("fox", priority=10, wants=(LoraUse("ink.safetensors", 0.3, ("a",)),))
    snow = made("snow", Kind.MODIFIER, priority=90, wants=(LoraUse("ink.safetensors", 0.6, ("b",)),))
    composition = composed("@fox @snow", fox, snow)
    assert loras(composition) == [("ink.safetensors", 0.6)]
    assert composition.recipe.positive_prompt == "fox, snow, b, a"
    assert reasons(composition, "ink.safetensors") == ["snow wants it with 0.6, and not with 0.3"]


def test_strength_that_both_want_is_no_matter():
    both = made("fox", wants=("ink.safetensors",)), made("snow", Kind.MODIFIER, wants=("ink.safetensors",))
    assert reasons(composed("@fox @snow", *both), "ink.safetensors") == []


def test_wishes_go_first_as_strong_as_they_are_and_in_their_order():
    fox = made("fox", wants=(INK,), avoids=("mine.safetensors",))
    wishes = Wishes(loras=(RecipeLora("mine.safetensors", 1.7), RecipeLora("ink.safetensors", -0.5)))
    composition = composed("@fox", fox, wishes=wishes, of=on("ink.safetensors", "mine.safetensors"))
    assert loras(composition) == [("mine.safetensors", 1.7), ("ink.safetensors", -0.5)]
    assert reasons(composition, "ink.safetensors") == ["you want it with -0.5, and not with 0.8"]


@pytest.mark.parametrize("name", ["styles/Ink.safetensors", "ink", "Ink.safetensors", "other/ink", "pen-v2"])
def test_wish_is_found_by_its_name_alone_or_by_configuration(name):
    wishes = Wishes(loras=(RecipeLora(name, 0.7),))
    composition = composed(
        "@fox", made("fox"), wishes=wishes, of=on("styles/Ink.safetensors", names=(("pen*", "Ink"),))
    )
    assert loras(composition) == [("styles/Ink.safetensors", 0.7)]
    details = [step.detail for step in composition.explanation.steps if step.action == "lora_replacement"]
    assert len(details) == (name != "styles/Ink.safetensors")


def test_wish_that_the_engines_lack_is_refused_with_the_nearest():
    wishes = Wishes(loras=(RecipeLora("inc"), RecipeLora("pen")))
    with pytest.raises(ModelNotFoundError) as caught:
        composed("@fox", made("fox"), wishes=wishes, of=on("ink.safetensors", "pen.safetensors"))
    assert (caught.value.name, caught.value.folder, caught.value.nearest[0]) == ("inc", "loras", "ink.safetensors")


def test_all_wishes_that_cannot_be_met_are_told_together():
    wishes = Wishes(loras=(RecipeLora("nope"), RecipeLora("none"), RecipeLora("nope"), RecipeLora("ink", 101)))
    with pytest.raises(InvalidRequestError) as caught:
        composed("@fox", made("fox"), wishes=wishes, of=on("ink.safetensors"))
    assert [one.name for one in caught.value.errors] == ["nope", "none", "the strength of the LoRA ink"]


def test_wish_is_as_it_is_where_no_engine_answers():
    composition = composed("@fox", made("fox"), wishes=Wishes(loras=(RecipeLora("nope", 0.4),)))
    assert loras(composition) == [("nope", 0.4)]


def test_together_they_are_no_stronger_than_the_cap():
    fox = made("fox", needs=(LoraUse("a", 1.0), LoraUse("b", -1.0)), wants=(LoraUse("c", 1.0),))
    composition = composed("@fox", fox)
    assert loras(composition) == [("a", 0.66), ("b", -0.66), ("c", 0.66)]
    assert any(step.action == "lora_cap" for step in composition.explanation.steps)


def test_what_would_be_too_weak_is_left_out_the_recommended_first():
    fox = made("fox", needs=(LoraUse("a", 0.05),), wants=(LoraUse("b", 0.05), LoraUse("c", 0.95)))
    composition = composed("@fox", fox, of=stock(max_lora_strength=1.0))
    assert loras(composition) == [("a", 0.05), ("c", 0.95)]
    assert reasons(composition, "b") == ["all LoRAs together may come to 1, and no room is left"]


def test_wishes_leave_no_room_for_others():
    wishes = Wishes(loras=(RecipeLora("mine", 2.5),))
    composition = composed("@fox", made("fox", needs=("a",), wants=("b",)), wishes=wishes)
    assert loras(composition) == [("mine", 2.5)]


def test_lora_is_found_by_its_name_in_another_folder_or_by_configuration():
    fox = made("fox", wants=("ink.safetensors", "pen.safetensors"))
    engines = on("styles/ink.safetensors", "own/line.safetensors", names=(("pen*", "line"),))
    composition = composed("@fox", fox, of=engines)
    assert loras(composition) == [("styles/ink.safetensors", 1.0), ("own/line.safetensors", 1.0)]
    details = [step.detail for step in composition.explanation.steps if step.action == "lora_replacement"]
    assert (
        details[0]
        == "Took styles/ink.safetensors for ink.safetensors: ink.safetensors is styles/ink.safetensors on the engines"
    )


def test_lora_with_almost_the_same_name_takes_its_place():
    fox = made("fox", wants=("ink-brush-style-v2.safetensors",))
    composition = composed("@fox", fox, of=on("Ink_Brush_Style_v3.safetensors", "crayon.safetensors"))
    assert loras(composition) == [("Ink_Brush_Style_v3.safetensors", 1.0)]


@pytest.mark.parametrize("there", ["pencil.safetensors", "ink-brush-style-xl.safetensors"])
def test_lora_that_is_not_there_is_left_out(there):
    fox = made("fox", wants=("ink-brush-style-15.safetensors",))
    composition = composed("@fox", fox, of=on(there))
    assert loras(composition) == []
    assert "no LoRA of this name" in reasons(composition, "ink-brush-style-15.safetensors")[0]


def test_loras_of_an_earlier_recipe_come_before_those_of_categories():
    fox = made("fox", wants=(LoraUse("ink", 0.2),), avoids=("crayon",))
    kept = [RecipeLora("ink", 0.6), RecipeLora("crayon", 1.0), RecipeLora("flux-glow", 1.0)]
    account = Account()
    chosen = choose([fox], Wishes(), stock("sdxl"), account)
    (one,) = stack([fox], chosen, stock("sdxl"), account, kept=kept)
    assert (one.file, one.strength, one.source) == ("ink", 0.6, "recipe")
    said = {one.what: one.reason for one in account.rejected if one.kind == "lora"}
    assert said["crayon"] == "fox avoids it"
    assert said["flux-glow"] == "it is made for flux, not for the model of sdxl"


def test_workflow_without_a_model_has_no_place_for_loras():
    plain = replace(template("sdxl"), models=())
    composition = composed("@fox", made("fox", wants=("ink",)), of=Stock((plain,)))
    assert reasons(composition, "ink") == ["sdxl has no place for LoRAs"]
