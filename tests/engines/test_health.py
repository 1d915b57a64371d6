from __future__ import annotations

from comfy_gen.engines.health import Health


def strike(health, now, *, is_gone=False):
    return health.struck(now, is_gone=is_gone, first=1, longest=4)


def test_healthy_engine_takes_what_it_has_room_for():
    assert [Health().room(running, capacity=3) for running in range(5)] == [3, 2, 1, 0, 0]


def test_engine_that_failed_gets_nothing_until_it_answers():
    assert strike(Health(), 10.0).room(0, capacity=3) == 0


def test_engine_that_answered_gets_one_job_at_a_time_until_one_went_well():
    tried = strike(Health(), 10.0).answered()
    assert (tried.room(0, capacity=3), tried.room(1, capacity=3)) == (1, 0)
    assert tried.recovered().room(0, capacity=3) == 3


def test_rests_get_longer():
    health, rests = Health(), []
    for _ in range(4):
        health = strike(health, 10.0)
        rests.append(health.resting_until - 10.0)
    assert rests == [1, 2, 4, 4]


def test_engine_is_gone_since_the_first_time_that_nobody_answered():
    gone = strike(strike(Health(), 10.0, is_gone=True), 20.0, is_gone=True)
    assert gone.gone_since == 10.0
    assert gone.answered().gone_since is None
    assert strike(gone, 30.0).gone_since is None


def test_excused_engine_is_asked_at_once_and_doubted_still():
    excused = strike(Health(), 10.0, is_gone=True).excused(50.0)
    assert (excused.resting_until, excused.gone_since, excused.is_doubted) == (50.0, None, True)
