"""What the categories that ship make of sentences: one for each mistake that was once made."""

import pytest

from comfy_gen.composition.categories.registry import shipped
from comfy_gen.composition.compose import Ask, compose
from tests.composition.making import stock


def used(text):
    return compose(Ask(input=text), shipped(), stock()).categories


@pytest.mark.parametrize(
    ("text", "first", "without"),
    [
        ("portrait of a cat", "cat", "portrait"),
        ("portrait of a fluffy orange cat", "cat", "portrait"),
        ("cat portrait", "cat", "portrait"),
        ("pet portrait", "animal", "portrait"),
        ("portrait of a dragon", "dragon", "portrait"),
        ("portrait of an old sailor", "portrait", "cat"),
        ("portrait of a woman with a cat", "portrait", "cat"),
        ("a black and white cat", "cat", "black-and-white"),
        ("black and white dogs", "dog", "black-and-white"),
        ("two black and white cows", "animal", "black-and-white"),
        ("a black and white horse", "horse", "black-and-white"),
        ("cat in a spaceship", "cat", "robot"),
        ("a knight inside a castle", "fantasy-character", "people"),
        ("a dog on a motorcycle", "dog", "people"),
        ("instead of a car draw a boat", "boat", "car"),
    ],
)
def test_subject_is_what_is_mainly_shown(text, first, without):
    categories = used(text)
    assert categories[0] == first
    assert without not in categories


def test_black_and_white_of_a_picture_is_the_style():
    assert "black-and-white" in used("a black and white photo of a cat")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a street at noon", {"street", "daylight"}),
        ("a car in bright sunshine", {"car", "daylight"}),
        ("a village in broad daylight", {"countryside", "daylight"}),
        ("a summer meadow with a horse", {"summer", "horse"}),
        ("a lake in winter", {"lake", "winter"}),
        ("a snowy winter forest", {"snow", "winter", "forest"}),
    ],
)
def test_day_and_seasons_are_meant(text, meant):
    assert meant <= {*used(text)}


def test_day_and_seasons_exclude_their_opposites():
    conflicts = {one.id: {*one.rules.conflicts_with} for one in shipped().all}
    assert {"night", "blue-hour"} <= conflicts["daylight"]
    for season in ("spring", "summer", "autumn", "winter"):
        assert conflicts[season] == {"spring", "summer", "autumn", "winter"} - {season}
    assert "winter" in shipped().get("snow").rules.enhances
