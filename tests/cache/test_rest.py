"""When a server that failed is asked again."""

from __future__ import annotations

from comfy_gen.cache.rest import PAUSE, QUIET, Rest


def test_server_rests_after_a_failure_and_is_asked_again_then():
    now = [0.0]
    rest = Rest(clock=lambda: now[0])
    assert not rest.is_on
    rest.begin()
    assert rest.is_on
    now[0] += PAUSE
    assert not rest.is_on


def test_only_the_first_failure_in_a_while_is_worth_a_warning():
    now = [0.0]
    rest = Rest(clock=lambda: now[0])
    assert rest.begin()
    now[0] += QUIET - 1
    assert not rest.begin()
    now[0] += 1
    assert rest.begin()
