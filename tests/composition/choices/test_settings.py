from dataclasses import replace

import pytest

from comfy_gen.composition.categories.category import Kind, Range
from comfy_gen.composition.choices.choosing import choose
from comfy_gen.composition.choices.settings import settle
from comfy_gen.composition.choices.stock import Stock
from comfy_gen.composition.compose import Wishes
from comfy_gen.composition.explanation import Account
from comfy_gen.composition.recipe import Recipe
from comfy_gen.errors import InvalidParameterError
from comfy_gen.workflows.deriving import derive_template
from comfy_gen.workflows.parameter import Parameter
from tests.composition.making import composed, made, reasons, stock, template

SDXL, SCHNELL, DEV = stock("sdxl"), stock("flux-schnell"), stock("flux-dev")


def test_documented_settings_are_those_of_the_category():
    portrait = made("portrait", steps=Range(30, 100, 50), cfg=Range(6, 12, 7.5), sampler="euler_ancestral")
    recipe = composed("@portrait", portrait, of=SDXL).recipe
    assert (recipe.steps, recipe.cfg, recipe.sampler) == (50, 7.5, "euler_ancestral")


def test_without_wishes_the_workflow_decides():
    recipe = composed("@fox", made("fox"), of=SDXL).recipe
    assert (recipe.steps, recipe.cfg, recipe.sampler, recipe.scheduler) == (28, 7.0, "dpmpp_2m", "karras")
    assert recipe.denoise is None


def test_default_of_the_highest_priority_is_moved_into_what_all_allow():
    fox = made("fox", priority=80, steps=Range(20, 60, 50))
    ink = made("ink", Kind.STYLE, priority=20, steps=Range(10, 40, 15))
    composition = composed("@fox @ink", fox, ink, of=SDXL)
    assert composition.recipe.steps == 40
    assert any("50 is outside of 20 to 40" in step.detail for step in composition.explanation.steps)


def test_ranges_that_do_not_meet_those_before_them_are_given_up():
    """A third that meets the first is kept, though it comes after the one that is given up."""
    fox = made("fox", priority=80, steps=Range(20, 40, 30))
    ink = made("ink", Kind.STYLE, priority=50, steps=Range(50, 60, 55))
    fog = made("fog", Kind.MODIFIER, priority=20, steps=Range(10, 25, 12))
    composition = composed("@fox @ink @fog", fox, ink, fog, of=SDXL)
    assert composition.recipe.steps == 25
    (conflict,) = composition.conflicts
    assert (conflict.kept, conflict.dropped, conflict.about) == ("fox", "ink", "steps")
    assert conflict.reason == "fox allows 20 to 40 steps; ink wants 50 to 60"


def test_bounds_of_the_workflow_come_first():
    composition = composed("@fox", made("fox", cfg=Range(31, 40, 35)), of=SDXL)
    assert composition.recipe.cfg == 7.0
    assert composition.conflicts[0].kept == "sdxl"


def test_steps_are_whole_numbers():
    assert composed("@fox", made("fox", steps=Range(20.2, 20.8, 20.5)), of=SDXL).recipe.steps == 28
    assert composed("@fox", made("fox", steps=Range(20.2, 21.8, 20.5)), of=SDXL).recipe.steps == 21


def test_models_of_other_families_keep_to_their_own_steps_and_guidance():
    fox = made("fox", steps=Range(24, 60, 32), cfg=Range(5, 9, 7), sampler="dpmpp_2m", scheduler="karras")
    composition = composed("@fox", fox, of=SCHNELL)
    recipe = composition.recipe
    assert (recipe.steps, recipe.cfg, recipe.sampler, recipe.scheduler) == (4, None, "euler", "simple")
    assert reasons(composition, "steps") == ["flux-schnell allows 2 to 8 steps; fox wants 24 to 60"]
    assert reasons(composition, "sampler dpmpp_2m") == ["flux-schnell is sampled in a way of its own"]
    guided = composed("@fox", fox, of=DEV)
    assert guided.recipe.cfg == 3.5
    assert reasons(guided, "cfg") == ["flux-dev is guided in a way of its own"]


def test_samplers_go_by_priority():
    fox = made("fox", priority=10, sampler="euler", scheduler="normal")
    ink = made("ink", Kind.STYLE, priority=90, sampler="lms", scheduler="normal")
    composition = composed("@fox @ink", fox, ink, of=SDXL)
    assert (composition.recipe.sampler, composition.recipe.scheduler) == ("lms", "normal")
    assert reasons(composition, "sampler euler") == ["lms goes first"]
    assert reasons(composition, "scheduler normal") == []


def own_sdxl():
    """A saved workflow of which an engine told which samplers it has."""
    info = {"KSampler": {"input": {"required": {"sampler_name": [["euler", "dpmpp_2m"]]}}}}
    return stock_of(derive_template("own", template("sdxl").workflow, info))


def stock_of(*templates):
    return Stock(templates)


@pytest.mark.parametrize(("bound", "said"), [({"minimum": 15}, "at least 15"), ({"maximum": 4}, "at most 4")])
def test_bound_on_one_side_is_told_as_such(bound, said):
    own = template("sdxl")
    cfg = replace(own.parameter("cfg"), **{"minimum": None, "maximum": None, **bound})
    own = replace(own, parameters=tuple(cfg if one.name == "cfg" else one for one in own.parameters))
    composition = composed("@fox", made("fox", cfg=Range(6, 12, 7.5)), of=stock_of(own))
    assert reasons(composition, "cfg")[0] == f"sdxl allows cfg of {said}; fox wants 6 to 12"


def test_sampler_that_the_engine_has_not_is_not_taken():
    composition = composed("@fox", made("fox", sampler="lms"), of=own_sdxl())
    assert composition.recipe.sampler == "dpmpp_2m"
    assert reasons(composition, "sampler lms") == ["own has no such sampler"]


def test_wishes_win_over_everything_and_overruled_categories_are_told():
    fox = made("fox", steps=Range(20, 40, 30), sampler="lms")
    composition = composed("@fox", fox, of=SDXL, wishes=Wishes(steps=9, cfg=1.5, sampler="euler", scheduler="beta"))
    recipe = composition.recipe
    assert (recipe.steps, recipe.cfg, recipe.sampler, recipe.scheduler) == (9, 1.5, "euler", "beta")
    assert (composition.conflicts[0].kept, composition.conflicts[0].dropped) == ("you", "fox")
    assert reasons(composition, "sampler lms") == ["euler goes first"]


def test_wishes_that_the_workflow_does_not_take_are_all_told():
    wishes = Wishes(steps=0, cfg=99.0, denoise=0.5, width=70)
    with pytest.raises(InvalidParameterError) as caught:
        composed("@fox", made("fox"), of=SDXL, wishes=wishes)
    names = [caught.value.name, *(other.name for other in caught.value.others)]
    assert sorted(names) == ["cfg", "denoise", "steps", "width"]
    assert "left out: sdxl has no denoise" in str(caught.value)


def test_negative_prompt_that_was_wished_for_is_used_wherever_there_is_one():
    wishes = Wishes(negative_prompt="text")
    assert composed("@fox", made("fox"), of=SCHNELL, wishes=wishes).recipe.negative_prompt == "text"


def test_earlier_settings_are_kept_where_all_bear_them():
    fox, before = made("fox", steps=Range(20, 40, 30), sampler="lms"), Recipe(steps=50, cfg=3.0, sampler="euler")
    account = Account()
    chosen = choose([fox], Wishes(), SDXL, account)
    settled = settle([fox], chosen, account, wishes=Wishes(), kept=before)
    assert (settled["steps"], settled["cfg"], settled["sampler"]) == (40, 3.0, "euler")
    assert settled["scheduler"] == "karras"


def test_what_a_workflow_leaves_open_stays_open():
    """A saved workflow whose steps, sampler and size other nodes compute, or of which nothing is known."""
    parts = [Parameter(name="prompt", role="positive"), Parameter(name="steps", type="integer", role="steps")]
    parts += [Parameter(name="sampler", role="sampler"), Parameter(name="cfg", type="number", role="cfg", default=7.0)]
    own = stock_of(replace(template("sdxl"), parameters=tuple(parts), presets={}))
    recipe = composed("@fox", made("fox", steps=Range(1, 9, 5)), of=own).recipe
    assert (recipe.steps, recipe.sampler, recipe.scheduler, recipe.width, recipe.cfg) == (None, None, None, None, 7.0)
    assert composed("@fox", made("fox", cfg=Range(900, 999, 950)), of=own).recipe.cfg == 950
    assert composed("@fox", made("fox"), of=own, wishes=Wishes(steps=12)).recipe.steps == 12


def test_overruled_categories_are_told_in_words():
    fox = made("fox", steps=Range(26, 55, 30), cfg=Range(5, 5, 5))
    composition = composed("@fox", fox, of=SDXL, wishes=Wishes(steps=3, cfg=7.5))
    assert [one.reason for one in composition.conflicts] == [
        "your 3 steps; fox wants 26 to 55",
        "your cfg of 7.5; fox wants 5",
    ]


def test_wish_within_a_range_overrules_nobody():
    composition = composed("@fox", made("fox", steps=Range(20, 40, 30)), of=SDXL, wishes=Wishes(steps=25))
    assert (composition.recipe.steps, composition.conflicts) == (25, ())
