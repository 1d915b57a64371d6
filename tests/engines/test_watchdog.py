from __future__ import annotations

from comfy_gen.engines.durations import Estimate
from comfy_gen.engines.watchdog import Measure, Rescue, WatchdogOptions, is_stuck, limit_of, next_measure

OPTIONS = WatchdogOptions(floor=10.0, factor=3.0, enough=5, unlearnt=100.0, loading=60.0, grace=15.0)


def limit(like, *, is_loading=False):
    return limit_of(like, is_loading=is_loading, options=OPTIONS)


def taken(*measures, since=0.0):
    return Rescue(measures, since)


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


def climb(*, is_owned):
    rescue, measures = Rescue(), []
    while (measure := next_measure(rescue, now=100.0 * len(measures), is_owned=is_owned)) is not None:
        rescue = rescue.after(measure, 100.0 * len(measures))
        measures.append(measure)
    assert rescue.is_over
    return measures


def test_measures_are_taken_from_the_mildest_on():
    assert climb(is_owned=True) == [Measure.INTERRUPT, Measure.FREE, Measure.RESTART, Measure.REST]


def test_process_that_is_not_ours_is_not_restarted():
    assert climb(is_owned=False) == [Measure.INTERRUPT, Measure.FREE, Measure.REST]


def test_measure_has_time_to_show_effect():
    rescue = taken(Measure.INTERRUPT, since=50.0)
    assert next_measure(rescue, now=64.9, is_owned=True, options=OPTIONS) is None
    assert next_measure(rescue, now=65.0, is_owned=True, options=OPTIONS) is Measure.FREE


def test_first_measure_is_taken_at_once():
    assert next_measure(Rescue(), now=0.0, is_owned=True, options=OPTIONS) is Measure.INTERRUPT
