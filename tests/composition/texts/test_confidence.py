from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.composition.texts.clues import Clue
from comfy_gen.composition.texts.confidence import confidence_of, sureness_of
from comfy_gen.composition.texts.weights import WEIGHTS

CLUES = st.builds(
    Clue,
    level=st.sampled_from(["specific", "primary", "secondary"]),
    is_typo=st.booleans(),
    is_bent=st.booleans(),
    rivals=st.integers(0, 4),
    is_alone=st.booleans(),
    is_before_thing=st.booleans(),
    is_before_colour=st.booleans(),
    is_second=st.booleans(),
)


def test_surer_levels_are_surer():
    assert 1.0 == sureness_of(Clue("tag")) > sureness_of(Clue("specific")) > sureness_of(Clue("primary"))
    assert sureness_of(Clue("primary")) > sureness_of(Clue("secondary")) > 0


def test_hint_alone_stays_below_the_default_threshold_and_a_word_above_it():
    assert sureness_of(Clue("secondary")) < 0.3 < sureness_of(Clue("primary", is_typo=True, is_second=True))


@pytest.mark.parametrize(
    "doubtful",
    [
        Clue("primary", is_typo=True),
        Clue("primary", is_bent=True),
        Clue("primary", rivals=1),
        Clue("primary", is_before_thing=True),
        Clue("primary", is_before_colour=True),
        Clue("primary", is_second=True),
    ],
)
def test_every_doubt_makes_less_sure(doubtful: Clue):
    assert sureness_of(doubtful) < sureness_of(Clue("primary"))


def test_word_between_commas_is_surer():
    assert sureness_of(Clue("secondary", is_alone=True)) > sureness_of(Clue("secondary"))


def test_weights_can_be_given():
    assert sureness_of(Clue("primary"), replace(WEIGHTS, primary=0.5)) == 0.5


def test_weights_are_parts_of_one():
    assert all(0 < getattr(WEIGHTS, field.name) < 1 for field in fields(WEIGHTS))


def test_nothing_said_is_no_confidence():
    assert confidence_of([]) == 0


@given(st.lists(CLUES, max_size=5), CLUES)
def test_more_words_never_make_less_sure(clues: list[Clue], more: Clue):
    assert 0 <= confidence_of(clues) <= confidence_of([*clues, more]) <= 1
