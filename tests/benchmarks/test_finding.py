import json

import pytest

from benchmarks.finding import Bar, Finding

TIMES = Finding("one job", "ms", {"by hand": [1, 3, 2], "proxy": [10, 20, 30], "ours": [4, 5, 6]})
RATES = Finding("many jobs", "jobs/s", {"by hand": [100], "proxy": [10], "ours": [20]}, better="more")


def judged(bar, *, of):
    (found,) = Finding(of.title, of.unit, of.of_ways, better=of.better, bars=[bar]).judgements()
    return found.reached, found.is_met


def test_a_way_that_takes_a_fourth_of_the_time_is_four_times_as_good():
    assert TIMES.times("ours", than="proxy") == 4


def test_a_way_with_twice_the_jobs_a_second_is_twice_as_good():
    assert RATES.times("ours", than="proxy") == 2


def test_a_way_beside_one_that_takes_nothing_has_no_ratio_to_break_on():
    found = Finding("idle", "ms", {"ours": [0.0], "proxy": [1.0]})

    assert found.times("ours", than="proxy") == float("inf")


def test_the_worst_rounds_are_long_times_and_low_rates():
    times = range(1, 101)

    assert Finding("times", "ms", {"way": times}).at("way", "p95") == 96
    assert Finding("rates", "jobs/s", {"way": times}, better="more").at("way", "p95") == 5
    assert Finding("times", "ms", {"way": times}).at("way", "worst") == 100


def test_every_way_is_compared_with_those_that_are_named_and_were_measured():
    found = Finding("one job", "ms", TIMES.of_ways, beside=["by hand", "proxy", "nobody"])

    assert [(one.way, one.than, one.times) for one in found.ratios()] == [
        ("ours", "by hand", 0.4),
        ("ours", "proxy", 4),
    ]


@pytest.mark.parametrize(("limit", "is_met"), [(5, True), (4.9, False)])
def test_a_time_is_to_be_at_most_its_bar(limit, is_met):
    assert judged(Bar("ours", limit), of=TIMES) == (5, is_met)


@pytest.mark.parametrize(("limit", "is_met"), [(20, True), (20.1, False)])
def test_a_rate_is_to_be_at_least_its_bar(limit, is_met):
    assert judged(Bar("ours", limit), of=RATES) == (20, is_met)


@pytest.mark.parametrize(("limit", "is_met"), [(4, True), (4.1, False)])
def test_a_way_is_to_be_so_many_times_as_good_as_another(limit, is_met):
    assert judged(Bar("ours", limit, beside="proxy"), of=TIMES) == (4, is_met)


@pytest.mark.parametrize(("limit", "is_met"), [(3, True), (2.9, False)])
def test_a_way_may_add_so_much_to_another(limit, is_met):
    assert judged(Bar("ours", limit, "worst", beside="by hand", is_added=True), of=TIMES) == (3, is_met)


def test_a_bar_of_a_way_that_was_not_measured_is_not_judged():
    found = Finding("one job", "ms", {"ours": [1]}, bars=[Bar("nobody", 1), Bar("ours", 1, beside="nobody")])

    assert [*found.judgements()] == []


def test_a_finding_is_the_same_after_it_was_written_and_read():
    found = Finding("one job", "ms", {"ours": [1.5]}, beside=["proxy"], bars=[Bar("ours", 2, "p99")], note="so")

    assert Finding.of_json(json.loads(json.dumps(found.as_json()))) == found
