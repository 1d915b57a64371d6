from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from comfy_gen.validation.quality import Quality
from comfy_gen.validation.takes import Origin, Take, best, changes, summary, wants_another

WHOLE = Origin(seed=42, steps=30, cfg=7.0, positive_prompt="a sunset", negative_prompt="blurry")
NOTHING = Origin()
SEEDS = {2: 863027514, 3: 277792759, 4: 626063116}
"""Pinned: whoever goes on with a job after a crash, or asks for the same again, is to get the same."""


def take(number: int = 1, *, passed: bool | None = False, **facts: Any) -> Take:
    return Take(number=number, passed=passed, **facts)


def planned(strategy: str, origin: Origin = WHOLE, **asked: Any) -> list[dict[str, Any]]:
    quality = Quality(auto_retry=True, retry_limit=4, retry_strategy=strategy, **asked)
    return [changes(quality, origin, number) for number in range(1, quality.most_takes + 1)]


# --- what a take changes


def test_first_take_is_what_was_asked_for():
    for strategy in ("progressive", "seed_search", "prompt_enhance"):
        assert planned(strategy)[0] == {}


def test_progressive_has_more_steps_and_cfg_and_new_seeds():
    assert planned("progressive")[1:] == [
        {"steps": 50, "cfg": 7.5, "seed": SEEDS[2]},
        {"steps": 80, "cfg": 8.0, "seed": SEEDS[3]},
        {"steps": 110, "cfg": 8.5, "seed": SEEDS[4]},
    ]


def test_seed_search_moves_the_seed_by_known_figures():
    assert planned("seed_search")[1:] == [{"seed": 1042}, {"seed": 5042}, {"seed": 9042}]


def test_prompt_enhance_adds_words_and_new_seeds():
    assert planned("prompt_enhance")[1:] == [
        {"positive_prompt": "a sunset, highly detailed, sharp focus", "seed": SEEDS[2]},
        {"positive_prompt": "a sunset, masterpiece, best quality, 8K, ultra detailed", "seed": SEEDS[3]},
        {"positive_prompt": "a sunset, masterpiece, best quality, 8K, ultra detailed", "seed": SEEDS[4]},
    ]


def test_steps_grow_in_proportion_to_those_that_there_were():
    few = Origin(seed=1, steps=4, cfg=2.0)
    assert [(one["steps"], one["cfg"]) for one in planned("progressive", few)[1:]] == [(7, 2.5), (11, 3.0), (15, 3.5)]


def test_steps_stay_within_what_samplers_take():
    assert [one["steps"] for one in planned("progressive", Origin(seed=1, steps=9000))[1:]] == [10_000, 10_000, 10_000]
    assert all("steps" not in one for one in planned("progressive", Origin(seed=1, steps=20_000))[1:])


def test_cfg_of_one_stays_for_such_models_have_no_other():
    assert all("cfg" not in one for one in planned("progressive", Origin(seed=1, steps=4, cfg=1.0)))


def test_cfg_is_never_above_twenty():
    assert [one["cfg"] for one in planned("progressive", Origin(seed=1, cfg=19.8))[1:]] == [20.0, 20.0, 20.0]


def test_what_the_workflow_does_not_have_is_not_set():
    assert planned("progressive", Origin(steps=30))[1:3] == [{"steps": 50}, {"steps": 80}]
    assert planned("prompt_enhance", Origin(seed=42))[1] == {"seed": SEEDS[2]}
    for strategy in ("progressive", "seed_search", "prompt_enhance"):
        assert planned(strategy, NOTHING) == [{}, {}, {}, {}]


def test_seed_may_be_the_largest_that_there_is():
    assert planned("seed_search", Origin(seed=2**64 - 1))[1] == {"seed": 999}


def test_candidates_differ_by_their_seed_alone():
    quality = Quality(best_of=4, auto_retry=True, retry_strategy="prompt_enhance")
    assert [changes(quality, WHOLE, number) for number in (1, 2, 3, 4)] == [
        {},
        {"seed": SEEDS[2]},
        {"seed": SEEDS[3]},
        {"seed": SEEDS[4]},
    ]


def test_retries_after_the_candidates_begin_with_the_first_retry():
    quality = Quality(best_of=3, auto_retry=True, retry_limit=3, retry_strategy="seed_search")
    assert [changes(quality, WHOLE, number) for number in (4, 5)] == [{"seed": 1042}, {"seed": 5042}]


def test_seeds_of_other_first_seeds_and_of_other_takes_differ():
    quality = Quality(best_of=16)
    origins = [replace(WHOLE, seed=first) for first in (1, 2)]
    seeds = {changes(quality, origin, number)["seed"] for origin in origins for number in range(2, 17)}
    assert len(seeds) == 30
    assert all(0 <= seed < 2**32 for seed in seeds)


# --- whether another follows


def test_retries_follow_until_one_passes():
    quality = Quality(auto_retry=True, retry_limit=3)
    assert wants_another(quality, WHOLE, [take(1)])
    assert wants_another(quality, WHOLE, [take(1), take(2)])
    assert not wants_another(quality, WHOLE, [take(1), take(2, passed=True)])


def test_limit_counts_the_first_take():
    assert not wants_another(Quality(auto_retry=True, retry_limit=3), WHOLE, [take(1), take(2), take(3)])
    assert not wants_another(Quality(auto_retry=True, retry_limit=1), WHOLE, [take(1)])


def test_nothing_follows_where_nobody_wants_a_retry():
    assert not wants_another(Quality(), WHOLE, [take(1)])


def test_candidates_are_all_made_though_the_first_passes():
    quality = Quality(best_of=3, auto_retry=True)
    assert wants_another(quality, WHOLE, [take(1, passed=True)])
    assert wants_another(quality, WHOLE, [take(1, passed=True), take(2)])
    assert not wants_another(quality, WHOLE, [take(1, passed=True), take(2), take(3)])


def test_retries_follow_where_no_candidate_passes():
    quality = Quality(best_of=2, auto_retry=True, retry_limit=2)
    made = [take(1), take(2)]
    assert wants_another(quality, WHOLE, made)
    assert not wants_another(quality, WHOLE, [*made, take(3)])


def test_what_cannot_be_judged_is_not_made_again():
    quality = Quality(best_of=3, auto_retry=True)
    assert not wants_another(quality, WHOLE, [take(1, passed=None)])
    assert not wants_another(quality, WHOLE, [take(1), take(2, passed=None)])


@pytest.mark.parametrize("quality", [Quality(auto_retry=True), Quality(best_of=2)])
def test_what_would_come_out_the_same_is_not_made_again(quality: Quality):
    assert not wants_another(quality, NOTHING, [take(1)])
    assert not wants_another(quality, Origin(cfg=1.0), [take(1)])


def test_words_that_were_tried_are_not_tried_again_with_the_same_seed():
    quality = Quality(auto_retry=True, retry_limit=9, retry_strategy="prompt_enhance")
    origin = Origin(positive_prompt="a sunset")
    made: list[Take] = []
    while not made or wants_another(quality, origin, made):
        number = len(made) + 1
        made.append(take(number, changes=changes(quality, origin, number)))
    assert len(made) == 3


# --- which is the best


@pytest.mark.parametrize(
    ("takes", "number"),
    [
        ([take(1, score=0.9), take(2, passed=True, score=0.2)], 2),
        ([take(1, passed=None), take(2, score=0.9)], 1),
        ([take(1, flaws=2, score=0.9), take(2, flaws=1, score=0.1)], 2),
        ([take(1, score=0.1), take(2, score=0.3), take(3, score=0.2)], 2),
        ([take(1, passed=True, score=None), take(2, passed=True, score=0.1)], 2),
        ([take(1, score=0.2), take(2, score=0.2)], 1),
        ([take(1)], 1),
    ],
)
def test_best_passed_has_fewest_flaws_is_most_like_the_prompt_and_came_first(takes: list[Take], number: int):
    assert best(takes).number == number


def test_take_that_has_all_is_better_than_one_that_lacks_something():
    seen = [{"passed": False}]
    part = take(1, score=0.9, lacks=["1 of 2 pictures was withheld"], verdicts=seen)
    whole = take(2, score=0.1, flaws=3, verdicts=seen)
    withheld = take(3, lacks=["1 of 1 pictures was withheld"])
    assert best([part, whole, withheld]).number == 2
    assert best([withheld, part]).number == 1
    assert best([replace(part, passed=True), whole]).number == 1


def test_summary_is_of_the_best():
    made = [take(1, score=0.1, reason="it is black"), take(2, score=0.2, reason="below")]
    assert summary(made) == {"passed": False, "score": 0.2, "reason": "below", "take": 2, "takes": 2}


def test_summary_before_the_first_take_knows_nothing():
    assert summary([]) == {"passed": None, "score": None, "reason": "", "take": None, "takes": 0}
