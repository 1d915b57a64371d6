from __future__ import annotations

import copy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.errors import ComfyGenError, InputNotFoundError, InvalidParameterError, InvalidRequestError
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.deriving import derive_template
from comfy_gen.workflows.literals import literal_inputs
from comfy_gen.workflows.naming import Naming, name_inputs
from comfy_gen.workflows.roles import find_roles, value_of
from comfy_gen.workflows.schema import schema_of
from comfy_gen.workflows.slots import Slot
from comfy_gen.workflows.template import Template

SD15 = load_template("sd15")
DERIVED = derive_template("mine", SD15.workflow)


def named(template, *namings, **places):
    return name_inputs(template, [*namings, *(Naming(slot, name) for name, slot in places.items())])


def names(template):
    return [one.name for one in template.parameters]


def test_what_an_input_was_it_stays_under_another_name():
    template = named(DERIVED, subject=Slot("2", "text"), passes=Slot("5", "steps"))
    assert [(one.name, one.role, one.minimum) for one in template.parameters] == [
        ("subject", "positive", None),
        ("passes", "steps", 1),
    ]
    assert template.workflow == DERIVED.workflow


def test_title_and_description_stay_unless_they_are_said():
    slot = Slot("5", "steps")
    once = named(DERIVED, Naming(slot, "steps", "Passes", "More is finer."))
    again = named(once, Naming(slot, "steps"))
    assert again.parameters == once.parameters
    assert schema_of(again)["properties"]["steps"]["title"] == "Passes"
    (blank,) = named(once, Naming(slot, "passes", "", "")).parameters
    assert (blank.heading, blank.description) == ("Passes", "")


def test_input_that_was_nothing_is_a_parameter_of_its_own():
    template = named(DERIVED, file_name=Slot("7", "filename_prefix"))
    (parameter,) = template.parameters
    assert (parameter.type, parameter.role, parameter.default) == ("string", None, "ComfyGen")
    assert template.instantiate(file_name="fox")["7"]["inputs"]["filename_prefix"] == "fox"


def test_input_that_was_dropped_is_again_what_it_was():
    without = named(DERIVED, subject=Slot("2", "text"))
    again = named(without, steps=Slot("5", "steps"))
    assert [(one.name, one.role) for one in again.parameters] == [("steps", "steps")]


def test_one_side_of_a_canvas_alone_is_just_a_number():
    alone = named(DERIVED, width=Slot("4", "width"))
    assert alone.parameters[0].role is None
    assert value_of(alone.instantiate(width=640), find_roles(alone.workflow).width) == 640
    both = named(alone, width=Slot("4", "width"), tall=Slot("4", "height"))
    assert both.instantiate(tall=640)["4"]["inputs"] == {"width": 512, "height": 640, "batch_size": 1}


def two_samplers():
    """A graph with a second pass, whose seed is the first one's."""
    workflow = copy.deepcopy(SD15.workflow)
    workflow["9"] = copy.deepcopy(workflow["5"])
    workflow["9"]["inputs"]["latent_image"] = ["5", 0]
    workflow["6"]["inputs"]["samples"] = ["9", 0]
    return derive_template("two", workflow)


def test_places_that_were_one_stay_one_unless_each_is_named():
    first, second = Slot("5", "seed"), Slot("9", "seed")
    one = named(two_samplers(), seed=first).instantiate(seed=7)
    assert [one["5"]["inputs"]["seed"], one["9"]["inputs"]["seed"]] == [7, 7]
    apart = named(two_samplers(), seed=first, other=second).instantiate(seed=7, other=8)
    assert [apart["5"]["inputs"]["seed"], apart["9"]["inputs"]["seed"]] == [7, 8]


def test_mask_that_has_no_place_yet_stays_and_keeps_its_name():
    template = derive_template("mine", load_template("sd15-inpaint").workflow)
    renamed = named(template, photo=Slot("4", "image"))
    assert names(renamed) == ["photo", "mask"]
    with pytest.raises(InvalidParameterError, match="that of another input"):
        named(template, mask=Slot("4", "image"))


def test_presets_follow_the_names():
    template = replace(DERIVED, presets={"draft": {"steps": 5, "cfg": 3.0}})
    assert named(template, passes=Slot("5", "steps")).presets == {"draft": {"passes": 5}}


def test_value_that_its_own_limits_refuse_stands():
    workflow = copy.deepcopy(SD15.workflow)
    workflow["7"]["inputs"]["quality"] = 200
    info = {"SaveImage": {"input": {"required": {"quality": ["INT", {"min": 1, "max": 100}]}}}}
    template = name_inputs(derive_template("x", workflow), [Naming(Slot("7", "quality"), "quality")], info)
    assert template.parameters[0].maximum is None


@pytest.mark.parametrize("name", ["", "Steps", "1st", "a-b", "a b", "é", "self", "preset", "a" * 64, "_a", "a\n"])
def test_what_cannot_be_a_name_is_refused(name):
    with pytest.raises(InvalidParameterError, match=r"inputs\[0\]\.name"):
        named(DERIVED, Naming(Slot("5", "steps"), name))


def test_all_mistakes_are_told_at_once():
    slot = Slot("5", "steps")
    with pytest.raises(InputNotFoundError):
        named(DERIVED, a=Slot("5", "setps"))
    wrong = [Naming(slot, "a"), Naming(slot, "a"), Naming(Slot("5", "model"), "b"), Naming(Slot("x", "y"), "c")]
    with pytest.raises(InvalidRequestError) as caught:
        named(DERIVED, *wrong)
    assert len(caught.value.errors) == 4
    assert "nothing was changed" in caught.value.hint


ALL = [load_template(name) for name in ("sd15", "sd15-inpaint", "flux-dev", "wan2.2-i2v", "upscale")]


@given(st.data())
def test_whatever_is_named_is_what_the_template_has(data):
    template = data.draw(st.sampled_from(ALL))
    inputs = data.draw(st.lists(st.sampled_from(literal_inputs(template)), unique_by=lambda one: one.slot))
    made = name_inputs(template, [Naming(one.slot, f"n{place}") for place, one in enumerate(inputs)])
    assert names(made)[: len(inputs)] == [f"n{place}" for place in range(len(inputs))]
    assert Template.from_card(made.as_card(), made.workflow) == made
    writers = {one.slot: one.parameter and one.parameter.name for one in literal_inputs(made)}
    assert [writers[one.slot] for one in inputs] == [f"n{place}" for place in range(len(inputs))]
    optional = replace(made, parameters=tuple(replace(one, required=False) for one in made.parameters))
    values = {one.name: one.default for one in optional.parameters if one.default is not None}
    assert optional.instantiate(**values) == template.workflow


def test_names_of_what_is_wrong_are_errors_of_ours():
    with pytest.raises(ComfyGenError):
        named(DERIVED, a=Slot("nowhere", "steps"))
