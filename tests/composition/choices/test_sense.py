import pytest

from comfy_gen.composition.choices.sense import sense_of, without


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sharp Focus", "sharp focus"),
        ("warm street lamps", "warm street lamp"),
        ("sharp-focus", "sharp focus"),
        ("sharp_focus", "sharp focus"),
        ("(sharp focus:1.2)", "sharp focus"),
        ("((sharp)) [focus]", "sharp focus"),
        ("sharp focus <lora:ink:0.8>", "sharp focus"),
        ("glossy bodies", "glossy body"),
        ("glasses, boxes", "glass; box"),
        ("STRASSE", "straße"),
    ],
)
def test_the_same_words_have_the_same_sense(one, other):
    assert sense_of(one) == sense_of(other)


@pytest.mark.parametrize(
    ("one", "other"), [("glass", "glas"), ("focus", "focu"), ("a cat", "cat"), ("iris", "iri"), ("text", "texture")]
)
def test_other_words_have_another_sense(one, other):
    assert sense_of(one) != sense_of(other)


def test_a_text_says_what_it_contains_as_whole_words_in_one_part():
    text = sense_of("a fox with sharp focus on its eyes, detailed fur")
    assert sense_of("sharp focus") in text
    assert sense_of("eyes detailed") not in text
    assert sense_of("harp") not in text


def test_a_text_without_words_says_nothing():
    assert sense_of("") == sense_of(" , . ") == sense_of("()") == ""


def test_what_is_taken_out_of_a_sense_is_in_it_no_more():
    rest = without(sense_of("a street, no people, no cars"), sense_of("people"), sense_of("car"), "")
    assert sense_of("street") in rest
    assert sense_of("people") not in rest
    assert sense_of("car") not in rest
