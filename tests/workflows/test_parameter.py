import pytest

from comfy_gen.errors import TemplateCardError
from comfy_gen.workflows.parameter import Parameter
from comfy_gen.workflows.slots import Slot

STEPS = Parameter(name="steps", type="integer", minimum=1, maximum=100)
WIDTH = Parameter(name="width", type="integer", minimum=64, maximum=2048, multiple_of=16)
CFG = Parameter(name="cfg", type="number", minimum=0, maximum=30)
CODEC = Parameter(name="codec", type="string", choices=("h264", "vp9"))
IMAGE = Parameter(name="image", type="image", required=True)
FLAG = Parameter(name="flag", type="boolean")
FREE = Parameter(name="free")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        *((STEPS, 1), (STEPS, 100), (STEPS, None), (WIDTH, 1024), (CFG, 0), (CFG, 7.5), (CODEC, "vp9")),
        *((IMAGE, "a.png"), (FLAG, True), (FREE, [1]), (FREE, "x"), (FREE, True)),
        (Parameter(name="text", type="string"), ""),
    ],
)
def test_good_value_has_no_fault(parameter, value):
    assert parameter.fault(value) is None


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        (STEPS, 0, "steps is 0, but must be a whole number from 1 to 100"),
        (STEPS, 101, "steps is 101, but must be a whole number from 1 to 100"),
        (STEPS, 3.5, "steps is 3.5, but must be a whole number from 1 to 100"),
        (STEPS, True, "steps is True, but must be a whole number from 1 to 100"),
        (STEPS, "3", "steps is '3', but must be a whole number from 1 to 100"),
        (WIDTH, 1000, "width is 1000, but must be a multiple of 16 from 64 to 2048"),
        (CFG, float("nan"), "cfg is nan, but must be a number from 0 to 30"),
        (CFG, float("inf"), "cfg is inf, but must be a number from 0 to 30"),
        (CODEC, "h265", "codec is 'h265', but must be one of h264, vp9"),
        (IMAGE, None, "image is None, but must be the name of a picture in the engine's input folder"),
        (IMAGE, "", "image is '', but must be the name of a picture in the engine's input folder"),
        (FLAG, 1, "flag is 1, but must be true or false"),
        (Parameter(name="a", type="number", minimum=2), 1, "a is 1, but must be a number of at least 2"),
        (Parameter(name="a", type="number", maximum=2), 3, "a is 3, but must be a number of at most 2"),
        (Parameter(name="a", type="string"), 3, "a is 3, but must be text"),
        (Parameter(name="a", required=True), None, "a is None, but must be a value"),
    ],
)
def test_bad_value_is_told_with_what_it_must_be(parameter, value, message):
    assert str(parameter.fault(value)) == message


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (1000, "the nearest width that works is 992."),
        (1, "the nearest width that works is 64."),
        (9999, "the nearest width that works is 2048."),
        ("x", ""),
    ],
)
def test_nearest_multiple_is_advised(value, advice):
    fault = WIDTH.fault(value)
    assert fault is not None
    assert fault.hint == advice


def test_nearest_multiple_without_bounds_is_advised():
    fault = Parameter(name="width", type="integer", multiple_of=8).fault(13)
    assert fault is not None
    assert fault.hint == "the nearest width that works is 16."


def test_nearest_choice_is_advised():
    fault = CODEC.fault("vp8")
    assert fault is not None
    assert fault.hint == "nearest: vp9, h264."


@pytest.mark.parametrize("parameter", [STEPS, WIDTH, CFG, CODEC, IMAGE, FLAG, FREE])
def test_parameter_survives_its_card(parameter):
    assert Parameter.from_card(parameter.as_card()) == parameter


@pytest.mark.parametrize("default", ["", 0, False, 0.0])
def test_default_that_is_empty_survives_its_card(default):
    parameter = Parameter(name="a", default=default, slots=(Slot("1", "b"), Slot("2", "b")))
    assert Parameter.from_card(parameter.as_card()) == parameter


def test_card_says_only_what_is_to_say():
    assert CFG.as_card() == {"name": "cfg", "type": "number", "minimum": 0, "maximum": 30}


def test_place_alone_makes_a_parameter():
    parameter = Parameter.from_card({"name": "prompt", "node_id": "6", "input_name": "text"})
    assert parameter == Parameter(name="prompt", type="any", slots=(Slot("6", "text"),))


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ({"node_id": "3", "input_name": "seed"}, "a parameter's card .* it has no name"),
        ("seed", "a parameter's card .* 'seed' stands where an object must be"),
        ({"name": "seed", "node_id": "3"}, "parameter 'seed' .* it has no input_name"),
        ({"name": "seed", "slots": [{"input_name": "seed"}]}, "parameter 'seed' .* it has no node_id"),
        ({"name": "seed", "slots": ["3"]}, "parameter 'seed' .* '3' stands where an object must be"),
        ({"name": "seed", "choices": "abc"}, "parameter 'seed' .* its choices is 'abc', not a list"),
        ({"name": "seed", "type": "whole"}, "parameter 'seed' .* its type is 'whole', not one of string, .*, any"),
        ({"name": "seed", "type": []}, "parameter 'seed' .* its type is"),
    ],
)
def test_malformed_card_says_what_is_wrong(card, said):
    with pytest.raises(TemplateCardError, match=said):
        Parameter.from_card(card)
