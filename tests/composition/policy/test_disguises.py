import pytest

from comfy_gen.composition.policy.disguises import plain, readings


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("A red Car", {"a red car"}),
        ("a car, red; fast.\nNew", {"a car , red ; fast . ; new"}),
        ("c-a-r", {"c a r", "car"}),
        ("c a r s", {"c a r s", "cars"}),
        ("c a r, t e a", {"c a r , t e a", "car , tea"}),
        ("ca(r):1.2", {"ca r 1 2", "car 1 2"}),
        ("(car:1.2)", {"car"}),
        ("c4r", {"c4r", "car"}),
        ("1gl0o", {"1gl0o", "igloo", "lgloo"}),
        ("12yo", {"12yo", "i2yo", "l2yo"}),
        ("wow!", {"wow"}),
        ("caaar", {"caaar", "car", "caar"}),
        ("", {""}),
    ],
)
def test_a_text_has_each_of_its_readings(text, read):
    assert {*readings(text)} == read


@pytest.mark.parametrize(
    "text", ["c\u0430r", "\uff23\uff41\uff52", "c\u00e1r", "c\u200bar", "\U0001f172\U0001f170\U0001f181"]
)
def test_characters_that_look_like_latin_ones_are_these(text):
    assert plain(text) == "car"


def test_no_reading_comes_twice():
    found = readings("c4r, c-a-r, caaar")
    assert len(found) == len({*found})
