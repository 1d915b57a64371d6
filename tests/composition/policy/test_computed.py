import pytest

from comfy_gen.composition.policy.checks import check_workflow, needs, texts_of
from comfy_gen.composition.policy.computed import computed_texts
from comfy_gen.composition.tier import Tier


def node(class_type, **inputs):
    return {"class_type": class_type, "inputs": inputs}


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (node("StringConcatenate", string_a="fo", string_b="x", delimiter=""), "fox"),
        (node("StringConcatenate", string_a=["2", 0], string_b="es", delimiter="x"), "foxes"),
        (node("StringReplace", string="box", find="b", replace="f"), "fox"),
        (node("StringReplace", string="fox", find="", replace="x"), "fox"),
        (node("StringReplace", string="x" * 1000, find="x", replace="y" * 1000), "x" * 1000),
        (node("StringSubstring", string="a fox", start=2, end=5), "fox"),
        (node("StringSubstring", string="fox", start=["2", 0], end=5), "fox"),
        (node("StringTrim", string=" fox ", mode="Both"), "fox"),
        (node("CaseConverter", string="fox", mode="UPPERCASE"), "fox"),
    ],
)
def test_text_is_worked_out(made, text):
    workflow = {"1": made, "2": node("PrimitiveString", value="fo")}
    assert dict(computed_texts(workflow))["1"] == text


@pytest.mark.parametrize(
    "workflow",
    [
        {"1": node("CLIPTextEncode", text="fox")},
        {"1": node("StringConcatenate", string_a=["1", 0], string_b=["9", 0], delimiter=None)},
        {"1": {"class_type": "StringTrim"}},
        {"1": {"class_type": "StringTrim", "inputs": {"string": 3}}},
        {"1": "nothing"},
    ],
)
def test_what_is_not_known_is_nothing(workflow):
    assert list(computed_texts(workflow)) == []


def test_pieces_of_a_word_are_seen_as_the_word():
    workflow = {
        "1": node("StringConcatenate", string_a="nu", string_b="de", delimiter=""),
        "2": node("CLIPTextEncode", text=["1", 0]),
    }
    check_workflow(workflow)
    assert needs("\n".join(texts_of(workflow))).tier is not Tier.GENERAL
