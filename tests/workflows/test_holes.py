import copy

import pytest

from comfy_gen.errors import (
    InputNotFoundError,
    InvalidParameterError,
    NodeNotFoundError,
    RoleNotFoundError,
    TemplateCardError,
)
from comfy_gen.workflows.holes import check_template, find_input, make_template, settable_inputs
from comfy_gen.workflows.parameter import Parameter
from comfy_gen.workflows.slots import Slot
from comfy_gen.workflows.template import Template
from tests.workflows.samples import enlarging, inpainting, node, plain

STEPS = {"node_id": "40", "input_name": "steps"}


def one(card, graph=None, object_info=None):
    return make_template("t", graph or plain(), {"it": card}, object_info).parameter("it")


def test_what_stands_there_is_default_and_type():
    assert one(STEPS) == Parameter(name="it", type="number", slots=(Slot("40", "steps"),), default=20)
    assert one({"node_id": "42", "input_name": "text"}).type == "string"
    assert one({"node_id": "1", "input_name": "on"}, {"1": node("A", on=True)}).type == "boolean"
    assert one({"node_id": "1", "input_name": "x"}, {"1": node("A", x=None)}).type == "any"


def test_link_is_no_default():
    assert one({"node_id": "45", "input_name": "vae"}).default is None


def test_engine_says_type_range_and_choices(object_info):
    steps = one(STEPS, object_info=object_info)
    assert (steps.type, steps.minimum, steps.maximum) == ("integer", 1, 10000)
    sampler = one({"node_id": "40", "input_name": "sampler_name"}, object_info=object_info)
    assert sampler.type == "string"
    assert "heun" in sampler.choices


def test_picture_need_not_be_on_the_engine_yet(object_info):
    picture = one({"node_id": "60", "input_name": "image"}, inpainting(), object_info)
    assert (picture.choices, picture.default) == ((), "photo.png")


def test_card_goes_before_what_is_known(object_info):
    card = {**STEPS, "type": "number", "minimum": 5, "maximum": 50, "description": "how long"}
    steps = one(card, object_info=object_info)
    assert (steps.type, steps.minimum, steps.maximum, steps.description) == ("number", 5, 50, "how long")


def test_default_of_its_own_is_put_into_the_template():
    graph = plain()
    template = make_template("t", graph, {"steps": {**STEPS, "default": 9}, "cfg": {"role": "cfg", "default": 2.0}})
    assert template.workflow["40"]["inputs"] == plain(steps=9, cfg=2.0)["40"]["inputs"]
    assert graph == plain()


def test_several_places_are_one_parameter():
    slots = [{"node_id": "42", "input_name": "text"}, {"node_id": "43", "input_name": "text"}]
    made = make_template("t", plain(), {"text": {"slots": slots}}).instantiate(text="an owl")
    assert [made[node_id]["inputs"]["text"] for node_id in ("42", "43")] == ["an owl", "an owl"]


def test_role_is_enough_of_a_place():
    cards = {"prompt": {"role": "positive"}, "width": {"role": "width"}, "height": {"role": "height"}}
    template = make_template("t", plain(), cards)
    assert (template.parameter("prompt").default, template.parameter("height").default) == ("a fox", 768)
    assert template.instantiate(width=64)["44"]["inputs"] == {"width": 64, "height": 768, "batch_size": 2}


def test_place_that_only_the_engine_knows_is_there(object_info):
    graph = plain()
    del graph["46"]["inputs"]["filename_prefix"]
    place = {"node_id": "46", "input_name": "filename_prefix"}
    assert one(place, graph, object_info).type == "string"
    with pytest.raises(InputNotFoundError):
        one(place, graph)


def test_node_that_is_not_there_is_named_when_the_template_is_made():
    with pytest.raises(NodeNotFoundError, match="the workflow has no node '4'") as caught:
        one({"node_id": "4", "input_name": "steps"})
    assert "nearest: 40 (KSampler)" in caught.value.hint or "40 (KSampler)" in caught.value.nearest


def test_input_that_is_not_there_is_named_with_the_nearest():
    with pytest.raises(InputNotFoundError, match=r"node 40 \(KSampler\) has no input 'step'") as caught:
        one({"node_id": "40", "input_name": "step"})
    assert caught.value.hint.startswith("nearest: steps, ")


def test_node_without_inputs_has_nothing_near():
    with pytest.raises(InputNotFoundError) as caught:
        find_input({"1": node("A")}, Slot("1", "x"))
    assert caught.value.hint == "this node has no inputs at all."


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("40.steps", "'40.steps' stands where an object must be"),
        ({"input_name": "steps"}, "it says no place"),
        ({"node_id": "40"}, "it has no input_name"),
        ({**STEPS, "min": 1}, "it has an unknown 'min'; nearest: minimum"),
        ({**STEPS, "type": "int"}, "its type is 'int', not one of"),
        ({**STEPS, "minimum": "1"}, "its minimum is '1', not a number"),
        ({**STEPS, "multiple_of": True}, "its multiple_of is True, not a number"),
        ({**STEPS, "minimum": 3, "maximum": 2}, "its minimum, 3, is above its maximum, 2"),
        ({"role": "seeds"}, "its role is 'seeds'; nearest: seed"),
        ({"role": ["seed"]}, r"its role is \['seed'\]"),
        ({"role": "guidance"}, "its role is 'guidance'"),
        ({"role": "width"}, "width and height go together"),
    ],
)
def test_card_that_cannot_work_says_why(card, said):
    with pytest.raises(TemplateCardError, match=said):
        one(card)


@pytest.mark.parametrize("name", ["preset", "self"])
def test_name_with_another_meaning_is_refused(name):
    with pytest.raises(TemplateCardError, match="another name"):
        make_template("t", plain(), {name: STEPS})


def test_role_that_the_graph_has_not_is_told():
    with pytest.raises(RoleNotFoundError, match="this workflow has no seed"):
        one({"role": "seed"}, enlarging())


def test_default_outside_the_range_is_told():
    with pytest.raises(InvalidParameterError, match="it is 20, but must be a number of at most 10"):
        one({**STEPS, "maximum": 10})


def test_template_from_elsewhere_is_held_to_the_same():
    template = Template(name="t", workflow=plain(), parameters=(Parameter(name="x", slots=(Slot("99", "y"),)),))
    with pytest.raises(NodeNotFoundError, match="'99'"):
        check_template(template)


def test_making_a_template_changes_nothing_and_shares_nothing():
    graph = plain()
    template = make_template("t", graph, {"steps": STEPS})
    template.workflow["40"]["inputs"]["steps"] = 1
    template.instantiate(steps=2)["40"]["inputs"]["cfg"] = 0
    assert graph == plain()


def test_every_value_that_can_be_set_is_listed_with_its_role():
    before = plain()
    listed = {one.name: one for one in settable_inputs(before)}
    assert len(listed) == 13
    assert (listed["42.text"].role, listed["42.text"].default) == ("positive", "a fox")
    assert "40.model" not in listed
    assert before == plain()


def test_listed_inputs_have_the_limits_of_the_engine(object_info):
    listed = {one.name: one for one in settable_inputs(copy.deepcopy(plain()), object_info)}
    assert listed["40.steps"].expected == "a whole number from 1 to 10000"
    assert "euler" in listed["40.sampler_name"].choices
