import pytest

from comfy_gen.composition.policy.ages import has_minor_age
from comfy_gen.composition.policy.disguises import readings


def found(text):
    return has_minor_age(text, readings(text))


@pytest.mark.parametrize(
    "text",
    [
        *("12 year old", "12-years-old", "12yo", "12 y/o", "12 y.o.", "5yrs old", "nine year old", "12 years of age"),
        *("aged 9", "age: 11", "ages of 4", "6 months old", "three weeks old", "under 18", "younger than sixteen"),
        *("below the age of 14", "she is 13", "he looks about 12", "girl (14)", "girl, 15", "portrait, 13, garden"),
        *("early teens", "7th grader", "sixth grade", "13f", "17 years", "looking like 16"),
    ],
)
def test_ages_under_eighteen_are_found(text):
    assert found(text)


@pytest.mark.parametrize(
    "text",
    [
        *("18 year old", "25yo", "aged 40", "she is 30", "girl (24)", "117 years old", "over 18"),
        *("12 year old whisky", "16 years old house", "for 12 years", "12 years ago", "married 5 years"),
        *("1girl, 2 dogs", "girl, 8k", "(girl:1.2)", "girl 16:9", "35mm, f/8", "12", "16 candles", "iso 100"),
    ],
)
def test_other_numbers_are_no_such_ages(text):
    assert not found(text)
