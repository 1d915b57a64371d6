from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.composition.texts.lora_tags import take_loras
from comfy_gen.composition.texts.places import Places, Span
from comfy_gen.composition.texts.tags import take_tags
from comfy_gen.composition.texts.variants import expand
from comfy_gen.composition.texts.words import words_of

WILDCARDS = {"pets": ["a {tabby|black} cat", "__dogs__"], "dogs": ["a dog"]}
TAGS = ["@portrait", "(@city:1.2)", "no @people", "without any @cats", "<lora:ink:0.8>"]
TEXTS = st.lists(
    st.sampled_from(
        [*TAGS, "\\@home", "\\{", "cat", "no", "é", " ", "  ", ",", ";", "\n", ".", "(", ")", "\\", "@", "\u2003"]
    )
).map("".join)


def read(text: str, seed: int = 0) -> tuple[Places, str]:
    expanded = expand(text, seed, WILDCARDS)
    return Places(text, expanded), take_tags(take_loras(expanded.text).text).text


def found(text: str, word: str) -> list[str]:
    """Return what stands where a word that was read comes from."""
    places, rest = read(text)
    start = rest.index(word)
    return [text[begin:end] for begin, end in places.of([(start, start + len(word))])]


@given(TEXTS)
def test_words_are_found_where_they_were_written(text):
    places, rest = read(text)
    for word in words_of(rest):
        ((begin, end),) = places.of([(word.start, word.end)])
        assert text[begin:end].replace("\\", "") == word.text.replace("\\", "")


@given(TEXTS)
def test_tags_are_found_where_they_were_written(text):
    places, _ = read(text)
    for tag, spans in places.tags.items():
        for begin, end in spans:
            assert f"@{tag}" in text[begin:end]
            assert take_tags(text[begin:end]).tags == (tag,)


def test_tag_is_found_each_time_it_is_written():
    places, _ = read("@cat, <lora:ink:1> a @cat")
    assert places.tags == {"cat": [Span(0, 4), Span(21, 25)]}


@pytest.mark.parametrize(
    ("text", "word", "spans"),
    [
        ("<lora:ink:1>, no @people, a cat", "cat", ["cat"]),
        ("cyberpunk @portrait city", "cyberpunk city", ["cyberpunk", "city"]),
        ("black  and\nwhite", "black  and\nwhite", ["black  and\nwhite"]),
        ("a {cat|{dog|bear}} here", "here", ["here"]),
        ("\\{a\\} cat", "cat", ["cat"]),
        ("a b\\_c cat", "cat", ["cat"]),
    ],
)
def test_what_is_taken_out_does_not_move_the_rest(text, word, spans):
    assert found(text, word) == spans


@pytest.mark.parametrize("seed", range(6))
def test_what_a_choice_came_to_is_where_the_choice_is(seed):
    text = "big {cat|{dog|{2$$cow|hen}}} and __pets__, {2$$__pets__}"
    expanded = expand(text, seed, WILDCARDS)
    places = Places(text, expanded)
    parts = [places.of([(word.start, word.end)]) for word in words_of(expanded.text)]
    said = {text[begin:end] for spans in parts for begin, end in spans}
    assert said == {"big", "{cat|{dog|{2$$cow|hen}}}", "and", "__pets__", "{2$$__pets__}"}


def test_text_without_choices_needs_none():
    assert Places("a cat").of([(2, 5)]) == (Span(2, 5),)
    assert Places("a cat").of([(1, 1)]) == ()
