from __future__ import annotations

import heapq
import random

import pytest

from comfy_gen.engines.durations import Estimate, Underway, estimate, left_of, quantile, wait_of

SURE = Estimate(2.0, 2.0, 9)
"""Jobs that always take two seconds."""


def test_nothing_is_learnt_from_nothing():
    assert estimate([]) is None


def test_estimate_has_the_middle_and_the_ninth_tenth():
    assert estimate([11.0, *range(1, 11)]) == Estimate(6.0, 10.0, 11)
    assert estimate([3.0]) == Estimate(3.0, 3.0, 1)


def test_quantile_lies_between_two_samples_in_proportion():
    assert quantile([1.0, 2.0], 0.5) == 1.5
    assert quantile([1.0, 2.0, 4.0], 0.75) == 3.0


def test_job_underway_takes_what_is_left_of_its_like():
    assert left_of(Underway(3.0, Estimate(10.0, 14.0, 5))) == Estimate(7.0, 11.0, 5)


def test_job_that_takes_longer_than_its_like_is_expected_now():
    assert left_of(Underway(12.0, Estimate(10.0, 14.0, 5))) == Estimate(0.0, 2.0, 5)
    assert left_of(Underway(20.0, Estimate(10.0, 14.0, 5))) == Estimate(0.0, 0.0, 5)


def test_job_of_unknown_like_takes_nobody_knows_how_long():
    assert left_of(Underway(3.0, None)) is None


def test_next_job_on_an_idle_engine_takes_what_its_like_take():
    own = Estimate(5.0, 8.0, 7)
    assert wait_of(1, [[]], own=own, typical=None) == own


def test_job_waits_for_the_engine_that_is_done_first():
    lanes = [[Underway(1.0, Estimate(10.0, 10.0, 3))], [Underway(0.5, SURE), Underway(0.0, SURE)]]
    assert wait_of(1, lanes, own=SURE, typical=SURE) == Estimate(5.5, 5.5, 9)
    assert wait_of(2, lanes, own=SURE, typical=SURE) == Estimate(7.5, 7.5, 9)


def test_queue_is_shared_by_the_engines():
    assert wait_of(9, [[], []], own=SURE, typical=SURE) == Estimate(10.0, 10.0, 9)


def test_jobs_late_and_early_make_up_for_each_other():
    found = wait_of(16, [[]], own=Estimate(10.0, 13.0, 4), typical=Estimate(10.0, 13.0, 9))
    assert found == Estimate(160.0, 172.0, 4)  # 3 s times the root of 16, not 16 times 3 s


def test_like_of_a_job_underway_that_nothing_is_known_of_is_taken_for_typical():
    assert wait_of(1, [[Underway(1.0, None)]], own=SURE, typical=Estimate(3.0, 3.0, 2)) == Estimate(4.0, 4.0, 9)


@pytest.mark.parametrize(
    ("position", "lanes", "own", "typical"),
    [
        (1, [[]], None, SURE),
        (1, [], SURE, SURE),
        (2, [[]], SURE, None),
        (1, [[], [Underway(1.0, None)]], SURE, None),
    ],
)
def test_nothing_is_foretold_where_nothing_is_known(position, lanes, own, typical):
    assert wait_of(position, lanes, own=own, typical=typical) is None


def test_start_is_what_serving_the_queue_one_by_one_gives():
    source = random.Random(3)
    for _ in range(500):
        length, position = source.choice([0.0, 0.5, 2.0, 7.0]), source.randint(1, 60)
        ends = [source.choice([0.0, source.random() * 100]) for _ in range(source.randint(1, 6))]
        lanes = [[Underway(0.0, Estimate(end, end, 1))] for end in ends]
        heapq.heapify(ends)
        for _ in range(position - 1):
            heapq.heapreplace(ends, ends[0] + length)
        found = wait_of(position, lanes, own=SURE, typical=Estimate(length, length, 1))
        assert found.median == pytest.approx(ends[0] + 2.0)


def test_end_of_a_long_queue_is_found():
    found = wait_of(1_000_000, [[] for _ in range(32)], own=SURE, typical=SURE)
    assert found == Estimate(62_500.0, 62_500.0, 9)
