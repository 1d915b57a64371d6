from __future__ import annotations

import pytest

from comfy_gen.engines.health import Health
from comfy_gen.engines.options import FleetOptions
from comfy_gen.engines.pulse import Circumstances, Pulse

OPTIONS = FleetOptions(tick=0.25, grace=2, patience=60, look_every=0.5, busy_every=5, idle_every=30)
IDLE = Circumstances()
BUSY = Circumstances(has_jobs=True)


def pulse(*, asked_at=100.0):
    made = Pulse(OPTIONS, now=0.0)
    made.asked_at = asked_at
    return made


def test_engine_that_refuses_has_lost_its_prompts_after_a_moment():
    one = pulse()
    one.miss(100.0, is_refused=True)
    one.miss(101.0, is_refused=True)
    assert (one.is_lost(101.9), one.is_lost(102.0)) == (False, True)
    one.answer()
    assert not one.is_lost(1000.0)


def test_engine_that_is_silent_has_lost_its_prompts_after_long():
    one = pulse()
    one.miss(100.0, is_refused=False)
    one.miss(110.0, is_refused=False)
    assert (one.is_lost(159.9), one.is_lost(160.0)) == (False, True)


def test_silence_counts_from_the_last_message_of_the_socket():
    one = pulse()
    one.miss(100.0, is_refused=False)
    one.heard_at = 150.0
    assert (one.is_lost(209.9), one.is_lost(210.0)) == (False, True)


def test_engine_that_refused_and_is_only_silent_now_has_more_time():
    one = pulse()
    one.miss(100.0, is_refused=True)
    one.miss(101.0, is_refused=False)
    assert not one.is_lost(159.9)


def test_engine_is_asked_at_once_when_it_was_never_asked():
    assert pulse(asked_at=None).next_look(Health(is_doubted=True), IDLE) == 0.0


@pytest.mark.parametrize(
    ("here", "moment"),
    [
        (IDLE, 130.0),
        (BUSY, 105.0),
        (Circumstances(is_cut_off=True), 100.5),
        (Circumstances(is_suspect=True), 100.5),
        (Circumstances(has_strays=True), 100.5),
        (Circumstances(has_jobs=True, is_cut_off=True), 100.5),
    ],
)
def test_engine_is_asked_the_sooner_the_more_depends_on_it(here, moment):
    assert pulse().next_look(Health(), here) == moment


@pytest.mark.parametrize(
    ("here", "moment"),
    [
        (IDLE, 110.0),
        (BUSY, 105.0),
        (Circumstances(has_jobs=True, is_cut_off=True), 100.5),
        (Circumstances(is_cut_off=True, is_suspect=True), 110.0),
        (Circumstances(has_strays=True), 100.5),
    ],
)
def test_engine_that_rests_is_asked_when_its_rest_is_over_or_because_of_what_it_has(here, moment):
    assert pulse().next_look(Health(is_doubted=True, resting_until=110.0), here) == moment


def test_engine_whose_rest_is_over_is_asked_at_the_next_tick():
    assert pulse().next_look(Health(is_doubted=True, resting_until=90.0), IDLE) == 100.25


def test_silent_engine_is_asked_often_while_it_has_jobs_and_not_because_of_strays():
    one = pulse()
    one.miss(100.0, is_refused=False)
    resting = Health(is_doubted=True, resting_until=110.0)
    assert one.next_look(resting, BUSY) == 100.5
    assert one.next_look(resting, Circumstances(has_strays=True)) == 110.0
