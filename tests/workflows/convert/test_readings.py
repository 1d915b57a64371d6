import pytest

from comfy_gen.workflows.convert.readings import read_listed, read_named


def declaration(**required):
    return {"input": {"required": required}}


SAMPLER = declaration(seed=["INT"], steps=["INT", {"default": 20}], name=[["euler", "heun"]])


@pytest.mark.parametrize("control", ["randomize", "fixed", True, None])
def test_control_of_a_seed_is_passed_over(control):
    assert read_listed(SAMPLER, [5, control, 30, "heun"]).values == {"seed": 5, "steps": 30, "name": "heun"}


def test_file_without_the_control_is_read_too():
    assert read_listed(SAMPLER, [5, 30, "heun"]).values == {"seed": 5, "steps": 30, "name": "heun"}


def test_seed_that_is_last_needs_no_control():
    assert read_listed(declaration(seed=["INT"]), [5]).values == {"seed": 5}


@pytest.mark.parametrize("saved", [["a", "fixed", "", "text"], ["a", "fixed", "text"]])
def test_choice_with_a_control_may_have_a_filter_too(saved):
    info = declaration(pick=[["a", "b"], {"control_after_generate": True}], text=["STRING"])
    assert read_listed(info, saved).values == {"pick": "a", "text": "text"}


def test_values_that_are_missing_are_those_of_a_new_node():
    assert read_listed(SAMPLER, [5]).values == {"seed": 5, "steps": 20, "name": "euler"}
    assert read_named(SAMPLER, {"steps": 3}).values == {"seed": 0, "steps": 3, "name": "euler"}


def test_choice_that_has_nothing_to_choose_is_left_out():
    assert read_listed(declaration(name=[[]]), []).values == {}


def test_null_is_left_out():
    assert read_listed(SAMPLER, [None, "fixed", 3, "heun"]).values == {"steps": 3, "name": "heun"}


def test_mere_socket_has_no_value():
    info = declaration(a=["INT", {"forceInput": True}], b=["INT"])
    assert read_listed(info, [2]).values == {"b": 2}
    assert read_named(info, {"a": 1, "b": 2}).values == {"b": 2}


def test_value_from_before_an_input_became_a_mere_socket_is_dropped():
    info = declaration(seed=["INT", {"forceInput": True}], b=["INT"])
    assert read_listed(info, [1, "fixed", 2]).values == {"b": 2}


def test_choice_decides_what_follows():
    choices = [
        {"key": "by", "inputs": {"required": {"factor": ["FLOAT", {"default": 2.0}]}}},
        {"key": "to", "inputs": {"required": {"width": ["INT"], "height": ["INT"]}, "optional": {"crop": [["no"]]}}},
    ]
    info = declaration(how=["COMFY_DYNAMICCOMBO_V3", {"options": choices}], last=["STRING"])
    assert read_listed(info, ["to", 3, 4, "no", "z"]).values == {
        "how": "to",
        "how.width": 3,
        "how.height": 4,
        "how.crop": "no",
        "last": "z",
    }
    assert read_named(info, {"how": "by", "how.factor": 3.0}).values == {"how": "by", "how.factor": 3.0, "last": ""}


def test_inputs_that_grow_take_their_names_from_the_node():
    template = {"input": {"required": {"text": ["STRING", {}]}}}
    info = declaration(texts=["COMFY_AUTOGROW_V3", {"template": template}], n=["INT"])
    expected = {"texts.a": "x", "texts.b": "y", "n": 3}
    assert read_listed(info, ["x", "y", 3], ["texts.a", "texts.b"]).values == expected
    assert read_named(info, expected).values == expected


def test_value_for_which_there_is_no_input_is_told():
    assert read_listed(SAMPLER, [5, "fixed", 3, "heun", "image", None, True, "more"]).unused == ("'more'",)
    named = {"seed": 1, "control_after_generate": "fixed", "upload": "x", "extra": 4, "empty": ""}
    assert read_named(SAMPLER, named).unused == ("extra = 4",)
