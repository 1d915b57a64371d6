"""How requests are counted."""

from __future__ import annotations

import pytest

from comfy_gen.api.windows import Windows


def hits(windows, times, *, now, key="anna", limit=10, period=60.0):
    return [windows.hit(key, limit, period, now=now) for _ in range(times)]


def test_so_many_requests_are_allowed_and_the_next_is_not():
    standings = hits(Windows(), 11, now=600.0)
    assert [one.is_allowed for one in standings] == [True] * 10 + [False]
    assert [one.remaining for one in standings] == [*range(9, -1, -1), 0]


def test_those_who_ask_are_counted_for_themselves():
    windows = Windows()
    hits(windows, 10, now=600.0)
    assert windows.hit("bob", 10, 60.0, now=600.0).is_allowed


def test_what_is_refused_is_not_counted():
    windows = Windows()
    hits(windows, 50, now=600.0)
    assert sum(one.is_allowed for one in hits(windows, 50, now=720.0)) == 10


def test_no_burst_at_the_border_of_two_windows():
    windows = Windows()
    hits(windows, 10, now=659.0)
    assert sum(one.is_allowed for one in hits(windows, 10, now=661.0)) == 0
    assert sum(one.is_allowed for one in hits(windows, 10, now=690.0)) == 5


@pytest.mark.parametrize("used", [3, 9, 10])
@pytest.mark.parametrize("now", [600.0, 630.0, 659.0, 661.0, 700.0, 719.5])
@pytest.mark.parametrize("limit", [1, 2, 10])
def test_who_waits_as_long_as_they_were_told_is_let_in_and_not_much_before(used, now, limit):
    windows = Windows()
    hits(windows, used, now=600.0, limit=limit)
    refused = hits(windows, 20, now=now, limit=limit)[-1]
    assert refused.retry_after > 0
    early = windows.hit("anna", limit, 60.0, now=now + refused.retry_after - 0.1)
    assert not early.is_allowed
    assert windows.hit("anna", limit, 60.0, now=now + refused.retry_after + 0.001).is_allowed


def test_reset_is_when_the_window_ends():
    assert Windows().hit("anna", 10, 60.0, now=645.0).reset == 15.0


def test_after_two_quiet_windows_nothing_is_left():
    windows = Windows()
    hits(windows, 10, now=600.0)
    assert windows.hit("anna", 10, 60.0, now=780.0).remaining == 9


def test_who_asked_longest_ago_is_forgotten_first():
    windows = Windows(most=2)
    hits(windows, 1, now=600.0, key="a", limit=1)
    hits(windows, 1, now=600.0, key="b", limit=1)
    hits(windows, 1, now=600.0, key="a", limit=1)
    hits(windows, 1, now=600.0, key="c", limit=1)
    assert not windows.hit("a", 1, 60.0, now=600.0).is_allowed
    assert windows.hit("b", 1, 60.0, now=600.0).is_allowed
