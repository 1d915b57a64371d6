import pytest

from comfy_gen.composition.texts.lora_tags import take_loras


@pytest.mark.parametrize(
    ("text", "rest", "loras"),
    [
        ("a cat", "a cat", []),
        ("a cat <lora:ink:0.8>", "a cat", [("ink", 0.8)]),
        ("<lora:ink:0.8:0.5>, a cat", "a cat", [("ink", 0.8)]),
        ("a cat, <lora:ink>, red", "a cat, red", [("ink", 1.0)]),
        ("a<LORA: styles/My Ink.safetensors :-.5>cat", "a cat", [("styles/My Ink.safetensors", -0.5)]),
        ("<lora:a:1><lora:b:lbw=MID:.25> cat", "cat", [("a", 1.0), ("b", 0.25)]),
        ("<lora:a:>", "", [("a", 1.0)]),
        ("<lora::1> <lora: :1> <lyco:a:1> <lora:a", "<lora::1> <lora: :1> <lyco:a:1> <lora:a", []),
    ],
)
def test_loras_are_taken_out_with_their_strengths(text, rest, loras):
    found = take_loras(text)
    assert found.text == rest
    assert [tuple(one) for one in found.loras] == loras


def test_what_was_taken_out_is_known_by_its_place():
    text = "a cat <lora:ink:0.8>, <lora:fur>"
    assert [text[start:end] for start, end in take_loras(text).cuts] == ["<lora:ink:0.8>", "<lora:fur>"]
