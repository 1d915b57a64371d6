import pytest

from comfy_gen.composition.texts.negation import negations_of, things_of
from comfy_gen.composition.texts.words import words_of


def things(text: str, joined: frozenset[int] = frozenset()) -> list[str]:
    words = words_of(text)
    return [thing for each in negations_of(words) for thing in things_of(words, each, text, joined=joined)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a beach, no people", ["people"]),
        ("a beach without any people at sunset", ["people"]),
        ("no people, just snow", ["people"]),
        ("no people, snow, mountains", ["people"]),
        ("no people or cars", ["people", "cars"]),
        ("no cars and people", ["cars", "people"]),
        ("no cars and a dog", ["cars"]),
        ("no cars and in the distance a dog", ["cars"]),
        ("no trees, houses or people, a road", ["trees", "houses", "people"]),
        ("no trees, no big houses, and people", ["trees", "big houses"]),
        ("without trees, houses and a road or two", ["trees"]),
        ("no people in the street", ["people"]),
        ("not in the city", ["city"]),
        ("not a dog but a wolf", ["dog"]),
        ("never painted or drawn by hand", ["painted"]),
        ("neither neon nor candles", ["neon", "candles"]),
        ("a cat instead of a dog", ["dog"]),
        ("a street free of cars", ["cars"]),
        ("a crowd-free beach", ["crowd"]),
        ("don't show any text", ["text"]),
        ("Do not include red cars please", ["red cars"]),
        ("don\u2019t make it look vintage. modern car", ["vintage"]),
        ("it isn't snowing", ["snowing"]),
        ("I don't want any boats or people, just a lake", ["boats", "people"]),
        ("anything but a dog", ["dog"]),
        ("avoid: cars, blurry people. A road", ["cars", "blurry people"]),
        ("nobody on the beach", ["people"]),
        ("a street with no one around", ["people"]),
        ("no cars | a dog", ["cars"]),
        ("no people without hats", ["people", "hats"]),
        ("no kind of people", ["people"]),
        ("without colour, shape; form", ["colour"]),
        ("instead of a car draw a boat", ["car"]),
        ("no dogs show me cats", ["dogs"]),
        ("rather than a city paint the sea", ["city"]),
        ("no fashion show tonight", ["fashion show tonight"]),
        ("no spray paint", ["spray paint"]),
        ("don't draw cars or draw people", ["cars", "people"]),
    ],
)
def test_no_reaches_what_it_is_said_of(text: str, expected: list[str]):
    assert things(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "two cats",
        "not only cats but dogs too",
        "nothing but snow",
        "never without a hat",
        "do not exclude cats",
        "don't forget the dog",
        "perfume no. 5",
        "perfume no 5",
        "no, cats",
        "cats, no",
        "a free-range hen",
        "free cats",
        "no man's land",
        "why not cats",
        "not",
        "",
    ],
)
def test_what_is_no_no_reaches_nothing(text: str):
    assert things(text) == []


def test_mark_between_two_cues_keeps_both():
    assert things("not cats, without dogs") == ["cats", "dogs"]
    assert things("no, without dogs") == ["dogs"]


def test_joined_words_are_one_thing():
    assert things("not black and white", frozenset({2, 3})) == ["black and white"]
    assert things("not black and white") == ["black", "white"]
