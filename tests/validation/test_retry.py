"""The numbers are those of the documented functions."""

import pytest

from comfy_gen.errors import InvalidParameterError
from comfy_gen.validation.retry import adjust_prompt_for_retry, get_retry_params


def params(attempt, strategy, **base):
    return get_retry_params(attempt, strategy, base_prompt="a sunset", base_negative="blurry", **base)


def test_progressive_adds_steps_and_cfg():
    found = [params(attempt, "progressive", base_seed=42) for attempt in (1, 2, 3)]
    assert [(one["steps"], one["cfg"]) for one in found] == [(30, 7.0), (50, 7.5), (80, 8.0)]
    assert {one["positive_prompt"] for one in found} == {"a sunset"}
    assert {one["negative_prompt"] for one in found} == {"blurry"}
    assert found[0]["seed"] == 42
    assert found[1]["seed"] != 42


def test_progressive_goes_on_and_scales_with_the_base():
    assert params(4, "progressive")["steps"] == 110
    assert params(2, "progressive", base_steps=15)["steps"] == 25


def test_cfg_is_never_above_twenty():
    assert params(3, "progressive", base_cfg=19.8)["cfg"] == 20.0
    assert params(1, "seed_search", base_cfg=35)["cfg"] == 20.0


def test_seed_search_moves_the_seed_only():
    found = [params(attempt, "seed_search", base_seed=7, base_steps=20, base_cfg=5.0) for attempt in (1, 2, 3, 4)]
    assert [one["seed"] for one in found] == [7, 1007, 5007, 9007]
    assert {(one["steps"], one["cfg"], one["positive_prompt"]) for one in found} == {(20, 5.0, "a sunset")}


def test_prompt_enhance_adds_words_and_new_seeds():
    found = [params(attempt, "prompt_enhance", base_seed=7) for attempt in (1, 2, 3, 4)]
    assert [one["positive_prompt"] for one in found] == [
        "a sunset",
        "a sunset, highly detailed, sharp focus",
        "a sunset, masterpiece, best quality, 8K, ultra detailed",
        "a sunset, masterpiece, best quality, 8K, ultra detailed",
    ]
    assert len({one["seed"] for one in found}) == 4


def test_bases_have_the_documented_defaults():
    found = get_retry_params(1, "progressive")
    assert (found["steps"], found["cfg"], found["positive_prompt"], found["negative_prompt"]) == (30, 7.0, "", "")
    assert 0 <= found["seed"] < 2**32


@pytest.mark.parametrize(("attempt", "strategy"), [(1, "harder"), (0, "progressive")])
def test_unknown_strategy_and_attempt_are_refused(attempt, strategy):
    with pytest.raises(InvalidParameterError):
        get_retry_params(attempt, strategy)


def test_words_of_number_get_a_weight_that_grows():
    weights = [adjust_prompt_for_retry("a single car, ONE road, phone", "", attempt)[0] for attempt in (1, 2, 3, 4, 9)]
    assert weights[0] == "a (single:1.3) car, (ONE:1.3) road, phone"
    assert weights[1].startswith("a (single:1.5)")
    assert weights[3] == weights[4]
    assert weights[3].startswith("a (single:1.9)")


def test_weight_that_is_there_is_replaced():
    assert adjust_prompt_for_retry("a (single:1.3) car", "", 2)[0] == "a (single:1.5) car"


def test_negative_terms_are_added_once():
    once = adjust_prompt_for_retry("", "blurry, Cloned", 1)[1]
    assert once == "blurry, Cloned, duplicate, ghosting, mirrored"
    assert adjust_prompt_for_retry("", once, 2)[1] == once
    assert adjust_prompt_for_retry("", "", 1)[1] == "duplicate, cloned, ghosting, mirrored"
