import pytest

from benchmarks._compared import Found, figures, headline

TIMES = Found("one job", "ms", {"by hand": [1, 3, 2], "proxy": [10, 20, 30], "ours": [4, 5, 6]})
RATES = Found("many jobs", "jobs/s", {"by hand": [100], "proxy": [10], "ours": [20]}, is_rate=True)


def test_a_way_that_takes_a_fourth_of_the_time_is_four_times_as_good():
    assert TIMES.better("ours", than="proxy") == 4


def test_a_way_with_twice_the_jobs_a_second_is_twice_as_good():
    assert RATES.better("ours", than="proxy") == 2


def test_the_worst_rounds_are_long_times_and_low_rates():
    times = range(1, 101)

    assert Found("times", "ms", {"way": times}).worst("way") == 96
    assert Found("rates", "jobs/s", {"way": times}, is_rate=True).worst("way") == 5


@pytest.mark.parametrize(("bar", "word"), [(4, "ok"), (4.1, "MISSED")])
def test_the_headline_says_whether_it_is_enough(bar, word):
    assert headline(TIMES, "ours", than="proxy", bar=bar).split() == ["one", "job", "4.00", "times", word]


def test_what_has_no_bar_is_not_judged():
    assert headline(TIMES, "ours", than="proxy", bar=None).split() == ["one", "job", "4.00", "times"]


def test_each_way_is_told_beside_the_one_by_hand():
    title, *lines = figures(TIMES, "by hand")

    assert title == "one job"
    assert [line.split()[0] for line in lines] == ["by", "proxy", "ours"]
    assert lines[2].endswith("2.50 times the time by hand")


def test_what_nothing_is_faster_than_may_not_have_been_measured():
    cost = Found("computing", "ms", {"proxy": [2], "ours": [1]})

    assert "times the time" not in "".join(figures(cost, "by hand"))
