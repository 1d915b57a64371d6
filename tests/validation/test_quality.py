from __future__ import annotations

import json
from typing import Any

import pytest

from comfy_gen.errors import InvalidParameterError
from comfy_gen.validation.quality import Quality, quality_of


@pytest.mark.parametrize("said", [{}, {"validate": False}, {"auto_retry": False}, {"best_of": 1}])
def test_nobody_looks_unless_somebody_asks(said: dict[str, Any]):
    assert quality_of(**said) is None


def test_to_validate_alone_has_the_documented_defaults():
    assert quality_of(validate=True) == Quality(
        auto_retry=False,
        retry_limit=3,
        retry_strategy="progressive",
        positive_threshold=None,
        delta_threshold=None,
        best_of=1,
    )


@pytest.mark.parametrize(
    "said",
    [
        {"auto_retry": True},
        {"positive_threshold": 0.0},
        {"delta_threshold": -1},
        {"best_of": 2},
    ],
)
def test_any_wish_has_pictures_judged(said: dict[str, Any]):
    asked = quality_of(**said)
    assert asked is not None
    assert {name: getattr(asked, name) for name in said} == said


@pytest.mark.parametrize("said", [{"retry_limit": 5}, {"retry_strategy": "seed_search"}])
def test_who_says_how_to_retry_wants_it(said: dict[str, Any]):
    asked = quality_of(**said)
    assert asked is not None
    assert asked.auto_retry
    assert {name: getattr(asked, name) for name in said} == said


def test_candidates_alone_are_not_retried():
    asked = quality_of(best_of=4, auto_retry=False)
    assert asked is not None
    assert (asked.auto_retry, asked.most_takes) == (False, 4)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"retry_limit": 0}, "retry_limit"),
        ({"retry_limit": 11}, "retry_limit"),
        ({"positive_threshold": 1.01}, "positive_threshold"),
        ({"positive_threshold": -0.01}, "positive_threshold"),
        ({"positive_threshold": float("nan")}, "positive_threshold"),
        ({"delta_threshold": -1.01}, "delta_threshold"),
        ({"delta_threshold": 1.01}, "delta_threshold"),
        ({"best_of": 0}, "best_of"),
        ({"best_of": 17}, "best_of"),
        ({"retry_strategy": "harder"}, "retry_strategy"),
        ({"retry_strategy": ""}, "retry_strategy"),
        ({"validate": False, "best_of": 2}, "validate"),
        ({"validate": False, "auto_retry": True}, "validate"),
        ({"validate": False, "positive_threshold": 0.2}, "validate"),
        ({"auto_retry": False, "retry_limit": 2}, "auto_retry"),
        ({"auto_retry": False, "retry_strategy": "seed_search"}, "auto_retry"),
    ],
)
def test_what_cannot_work_is_refused_by_its_name(said: dict[str, Any], named: str):
    with pytest.raises(InvalidParameterError) as caught:
        quality_of(**said)
    assert caught.value.name == named


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(InvalidParameterError) as caught:
        quality_of(retry_limit=99, retry_strategy="harder", best_of=0, validate=False)
    every = [one.name for one in (caught.value, *caught.value.others)]
    assert every == ["retry_limit", "best_of", "retry_strategy", "validate"]


@pytest.mark.parametrize("said", [{"retry_limit": 1}, {"retry_limit": 10}, {"best_of": 16}, {"delta_threshold": 1}])
def test_bounds_themselves_work(said: dict[str, Any]):
    asked = quality_of(**said)
    assert asked is not None
    assert {name: getattr(asked, name) for name in said} == said


@pytest.mark.parametrize(
    ("asked", "most"),
    [
        (Quality(), 1),
        (Quality(retry_limit=9), 1),
        (Quality(auto_retry=True), 3),
        (Quality(auto_retry=True, retry_limit=1), 1),
        (Quality(best_of=4), 4),
        (Quality(best_of=4, auto_retry=True, retry_limit=3), 6),
    ],
)
def test_takes_are_the_candidates_and_the_retries_after_them(asked: Quality, most: int):
    assert asked.most_takes == most


@pytest.mark.parametrize(
    ("asked", "needs"),
    [
        (Quality(), False),
        (Quality(auto_retry=True), False),
        (Quality(best_of=2), True),
        (Quality(positive_threshold=0.0), True),
        (Quality(delta_threshold=0.0), True),
    ],
)
def test_thresholds_and_choices_need_scores(asked: Quality, *, needs: bool):
    assert asked.needs_scores is needs


def test_quality_comes_back_as_it_was():
    for one in (Quality(), Quality(auto_retry=True, retry_limit=2, positive_threshold=0.28, best_of=3)):
        assert Quality.from_json(json.loads(json.dumps(one.as_json()))) == one
