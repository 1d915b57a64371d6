import pytest

from comfy_gen.composition.texts.clues import Clue, clues_of
from comfy_gen.composition.texts.matching import matches_of
from comfy_gen.composition.texts.words import words_of
from tests.composition.small_lexicon import LEXICON


def clue(text: str, category_id: str) -> Clue:
    words = words_of(text)
    matches = matches_of(words, LEXICON)
    for match, clues in zip(matches, clues_of(words, matches, LEXICON.kinds), strict=True):
        for sense, each in zip(match.senses, clues, strict=True):
            if sense.id == category_id:
                return each
    raise AssertionError(f"nothing in {text!r} hints at {category_id}")


@pytest.mark.parametrize(
    ("text", "is_alone"),
    [
        ("a wide view, night, fog", True),
        ("night, fog", True),
        ("fog, night", True),
        ("at night", False),
        ("night", False),
    ],
)
def test_word_is_alone_between_commas(text: str, is_alone: bool):
    assert clue(text, "night").is_alone is is_alone


@pytest.mark.parametrize(
    ("text", "category_id", "is_before"),
    [
        ("a beach towel", "beach", True),
        ("a beach cat", "beach", True),
        ("a beach city", "beach", False),
        ("a beach with towels", "beach", False),
        ("a beach", "beach", False),
        ("a beach, towels", "beach", False),
        ("a beach covered in shells", "beach", False),
        ("a night lamp", "night", True),
        ("a cat asleep", "cat", False),
        ("a cat-shaped lamp", "cat", True),
        ("an anime lamp", "anime", False),
        ("golden hour lamp", "golden-hour", False),
    ],
)
def test_word_before_a_thing_says_only_which(text: str, category_id: str, is_before: bool):
    assert clue(text, category_id).is_before_thing is is_before


@pytest.mark.parametrize(
    ("text", "is_before"),
    [("forest green jacket", True), ("forest, green", False), ("a forest", False), ("forest black and white", False)],
)
def test_word_before_a_colour_says_only_which(text: str, is_before: bool):
    assert clue(text, "forest").is_before_colour is is_before


@pytest.mark.parametrize(
    ("text", "category_id", "is_second"),
    [
        ("portrait of a woman", "people", True),
        ("portrait of a very old woman", "people", True),
        ("portrait of a very old and tired woman", "people", False),
        ("portrait, of a woman", "people", False),
        ("portrait of, a woman", "people", False),
        ("a woman", "people", False),
        ("kittens of a cat", "cat", False),
        ("painting of a woman", "people", False),
        ("portrait of a night", "night", False),
        ("portrait of a cat", "cat", False),
        ("a cat in a car", "car", True),
        ("a cat asleep inside a small red car", "car", True),
        ("a cat in a car", "cat", False),
        ("a cat, in a car", "car", False),
        ("in a car", "car", False),
        ("a night in a car", "car", False),
    ],
)
def test_what_a_subject_is_of_comes_second(text: str, category_id: str, is_second: bool):
    assert clue(text, category_id).is_second is is_second


@pytest.mark.parametrize(
    ("text", "is_view"),
    [
        ("portrait of a cat", True),
        ("portrait of my very old cat", True),
        ("a cat portrait", True),
        ("portrait of a cat woman", False),
        ("portrait of a woman with a cat", False),
        ("portrait of a night", False),
        ("portrait of the, a cat", False),
        ("portrait of", False),
        ("a cat, portrait", False),
        ("a woman portrait", False),
        ("portrait", False),
    ],
)
def test_portrait_of_nobody_is_just_a_view(text: str, is_view: bool):
    assert clue(text, "portrait").is_view is is_view


def test_rivals_are_of_one_kind_and_as_sure():
    assert clue("a boxer", "dog").rivals == 1
    assert clue("a dog", "dog").rivals == 0


def test_verb_of_a_noun_is_bent():
    assert clue("two parked cars", "park").is_bent
    assert not clue("two parks", "park").is_bent


def test_typo_is_told():
    assert clue("a wolfhuond", "dog").is_typo
