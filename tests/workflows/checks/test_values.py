from __future__ import annotations

import math
from typing import Any

import pytest

from comfy_gen.workflows.checks.declarations import Declarations, Input
from comfy_gen.workflows.checks.findings import Fault, Place, Scope
from comfy_gen.workflows.checks.values import convert, examine_file, examine_value, unwrap


def declared(type_, **options):
    return Input("x", type_, options, required=True)


def place(type_, *, class_type="Any", name="x", known_files=(), **options):
    scope = Scope({}, Declarations({}), frozenset(known_files))
    return Place(scope, "1", class_type, Input(name, type_, options, required=True))


def one(findings: Any) -> Any:
    (finding,) = findings
    return finding


@pytest.mark.parametrize(
    ("type_", "given", "converted"),
    [
        ("INT", "2", 2),
        ("INT", 2.9, 2),
        ("INT", True, 1),
        ("INT", {"__value__": " 7 "}, 7),
        ("FLOAT", "1e3", 1000.0),
        ("STRING", 5, "5"),
        ("BOOLEAN", "", False),
        ("IMAGE", 5, 5),
        ("COMBO", 5, 5),
        (["INT"], "2", "2"),
    ],
)
def test_value_is_converted_as_comfyui_does(type_, given, converted):
    assert convert(declared(type_), given) == converted
    assert type(convert(declared(type_), given)) is type(converted)


def test_wrapped_value_is_unwrapped_and_any_other_left():
    assert unwrap({"__value__": [1, 2]}) == [1, 2]
    assert unwrap({"value": 1}) == {"value": 1}
    assert unwrap("text") == "text"


@pytest.mark.parametrize(
    ("type_", "given", "details"),
    [
        ("INT", "abc", "x, abc, invalid literal for int() with base 10: 'abc'"),
        ("INT", math.inf, "x, inf, cannot convert float infinity to integer"),
        ("FLOAT", "abc", "x, abc, could not convert string to float: 'abc'"),
        ("FLOAT", {}, "x, {}, float() argument must be a string or a real number, not 'dict'"),
        ("INT", {"__value__": "q"}, "x, q, invalid literal for int() with base 10: 'q'"),
    ],
)
def test_what_cannot_be_converted_is_told_with_pythons_reason(type_, given, details):
    problem = one(examine_value(place(type_), given))
    assert problem.type == "invalid_input_type"
    assert problem.message == f"Failed to convert an input value to a {type_} value"
    assert problem.details == details
    assert problem.extra_info["exception_message"] == details.split(", ", 2)[2]


def test_unconvertible_value_is_told_in_words():
    assert one(examine_value(place("INT"), "abc")).claim == "x is 'abc', which is no INT"


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        (0, "value_smaller_than_min", "Value 0 smaller than min of 1"),
        (11, "value_bigger_than_max", "Value 11 bigger than max of 10"),
    ],
)
def test_value_out_of_range_is_a_problem(given, kind, message):
    problem = one(examine_value(place("INT", min=1, max=10), given))
    assert (problem.type, problem.message, problem.details) == (kind, message, "x")
    assert problem.extra_info["received_value"] == given


@pytest.mark.parametrize("given", [1, 10, "5"])
def test_value_in_range_is_good(given):
    assert examine_value(place("INT", min=1, max=10), given) == []


def test_nan_is_in_every_range_as_in_comfyui():
    assert examine_value(place("FLOAT", min=0.0, max=1.0), math.nan) == []


def test_value_without_order_raises_as_in_comfyui():
    with pytest.raises(TypeError, match="'<' not supported between instances of 'str' and 'int'"):
        examine_value(place("FLOATS", min=-1), "x")


def test_value_on_the_list_is_good():
    assert examine_value(place(["a", "b"]), "b") == []
    assert examine_value(place("COMBO", options=["a", "b"]), "b") == []
    assert examine_value(place("COMBO", remote={}), "b") == []


def test_value_not_on_the_list_comes_with_the_five_nearest():
    choices = [f"model-{number}.ckpt" for number in range(9)]
    problem = one(examine_value(place(choices), "model-4.safetensors"))
    assert problem.type == "value_not_in_list"
    assert problem.details == f"x: 'model-4.safetensors' not in {choices}"
    assert problem.extra_info["input_config"] == [choices, {}]
    assert problem.nearest[0] == "model-4.ckpt"
    assert len(problem.nearest) == 5
    assert problem.is_refused


def test_long_list_is_not_printed():
    problem = one(examine_value(place([str(number) for number in range(21)]), "x"))
    assert problem.details == "x: 'x' not in (list of length 21)"
    assert problem.extra_info["input_config"] is None


def test_newer_list_is_checked_though_comfyui_does_not():
    problem = one(examine_value(place("COMBO", options=["a"]), "b"))
    assert problem.type == "value_not_in_list"
    assert not problem.is_refused


@pytest.mark.parametrize(("given", "problems"), [(["a", "b"], 0), (["a", "z"], 1), ("a", 0)])
def test_several_may_be_chosen_where_the_input_says_so(given, problems):
    several = place("COMBO", options=["a", "b"], multiselect=True)
    assert len(examine_value(several, {"__value__": given})) == problems


def test_uploaded_file_counts_as_a_choice_of_an_upload_input():
    assert examine_value(place([], known_files=["new.mp4"], video_upload=True), "new.mp4") == []
    assert examine_value(place([], known_files=["new.mp4"]), "new.mp4") != []
    assert examine_value(place([], known_files=["new.mp4"], video_upload=True), "old.mp4") != []
    assert examine_value(place([], known_files=["new.mp4"], video_upload=True), {"no": "name"}) != []


# --- files ---------------------------------------------------------------------------------------------------


def load_image(known_files=()):
    return place(["old.png"], class_type="LoadImage", name="image", known_files=known_files, image_upload=True)


def test_file_check_is_left_to_the_file_check():
    assert examine_value(load_image(), "none.png") == []


def test_inputs_that_are_no_files_are_not_looked_for():
    assert examine_file(place("INT"), {"x": 5}) == []


@pytest.mark.parametrize(
    "name", ["old.png", "old.png [input]", "new.png", "new.png [input]", "sub/a.png", "b.png [output]"]
)
def test_file_that_is_listed_or_known_is_there(name):
    known = ["new.png", "sub/a.png", "b.png [output]"]
    assert examine_file(load_image(known), {"image": name}) == []


@pytest.mark.parametrize("name", ["new.png", "old.png [output]", "../old.png"])
def test_file_that_is_not_there_fails_the_custom_validation(name):
    problem = one(examine_file(load_image(), {"image": name}))
    assert problem.type == "custom_validation_failed"
    assert problem.details == f"image - Invalid image file: {name}"
    assert problem.extra_info == {"input_name": "image"}
    assert problem.nearest == ("old.png",)


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_folder_is_no_file_though_comfyui_finds_it(name):
    problem = one(examine_file(load_image(), {"image": name}))
    assert problem.type == "custom_validation_failed"
    assert not problem.is_refused


def test_folder_without_list_is_known_by_its_uploads_alone():
    webcam = place("WEBCAM", class_type="WebcamCapture", name="image", known_files=["w.png"])
    assert examine_file(webcam, {"image": "w.png"}) == []
    assert one(examine_file(webcam, {"image": "v.png"})).nearest == ("w.png",)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, "LoadImage.VALIDATE_INPUTS() missing 1 required positional argument: 'image'"),
        ({"image": 5}, "'int' object has no attribute 'endswith'"),
        ({"image": ["3", 0]}, "'NoneType' object has no attribute 'endswith'"),
        ({"image": {"__value__": ["a.png"]}}, "'list' object has no attribute 'endswith'"),
    ],
)
def test_file_name_that_is_no_text_is_a_fault(inputs, words):
    fault = one(examine_file(load_image(), inputs))
    assert isinstance(fault, Fault)
    assert str(fault.cause) == words
    assert fault.input_name == "image"
