from __future__ import annotations

from comfy_gen.engines.durations import Estimate
from comfy_gen.engines.watchdog import WatchdogOptions, is_stuck, limit_of

OPTIONS = WatchdogOptions(floor=10.0, factor=3.0, enough=5, unlearnt=100.0, loading=60.0)


def limit(like, *, is_loading=False):
    return limit_of(like, is_loading=is_loading, options=OPTIONS)


def test_prompt_is_stuck_when_it_is_silent_for_longer_than_its_like_take():
    like = Estimate(8.0, 10.0, 5)
    assert not is_stuck(30.0, like, is_loading=False, options=OPTIONS)
    assert is_stuck(30.1, like, is_loading=False, options=OPTIONS)


def test_short_jobs_have_the_floor():
    assert limit(Estimate(0.5, 1.0, 50)) == 10.0


def test_prompt_whose_like_are_not_known_has_more_time():
    assert limit(None) == 100.0
    assert limit(Estimate(8.0, 10.0, 4)) == 100.0


def test_loading_weights_has_more_time():
    assert limit(Estimate(8.0, 10.0, 5), is_loading=True) == 60.0
    assert limit(Estimate(80.0, 100.0, 5), is_loading=True) == 300.0
