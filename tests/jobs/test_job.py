from __future__ import annotations

import itertools

import pytest

from comfy_gen.jobs.job import (
    ACTIVE,
    ENDS,
    LEAP,
    RETRIABLE,
    JobState,
    can_move,
    check_move,
    rank_of,
    states_before,
    turn_of,
)

_WAY = [JobState.QUEUED, JobState.PREPROCESSING, JobState.GENERATING, JobState.POSTPROCESSING, JobState.COMPLETED]


def test_states_are_waiting_active_or_ended():
    assert {JobState.QUEUED} | ACTIVE | ENDS == set(JobState)
    assert not ACTIVE & ENDS
    assert [state for state in JobState if state.is_active] == _WAY[1:4]
    assert [state for state in JobState if state.is_end] == ["completed", "partial", "failed", "cancelled"]


def test_job_goes_one_stage_at_a_time():
    for old, new in itertools.pairwise(_WAY):
        check_move(old, new)
    assert not can_move(JobState.QUEUED, JobState.GENERATING)
    assert not can_move(JobState.PREPROCESSING, JobState.POSTPROCESSING)
    assert not can_move(JobState.GENERATING, JobState.COMPLETED)


@pytest.mark.parametrize("old", [JobState.QUEUED, *sorted(ACTIVE)])
@pytest.mark.parametrize("new", [JobState.FAILED, JobState.CANCELLED])
def test_whatever_has_not_ended_can_be_stopped(old, new):
    assert can_move(old, new)


@pytest.mark.parametrize("old", JobState)
def test_only_what_is_active_or_may_be_retried_waits_again(old):
    assert can_move(old, JobState.QUEUED) == (old in ACTIVE | RETRIABLE)


@pytest.mark.parametrize("new", JobState)
def test_success_is_the_end(new):
    assert not can_move(JobState.COMPLETED, new)


def test_move_that_cannot_be_is_a_bug():
    with pytest.raises(AssertionError, match="from completed to queued"):
        check_move(JobState.COMPLETED, JobState.QUEUED)


def test_states_before_an_end_are_those_that_it_may_follow_on():
    assert states_before(JobState.PARTIAL) == {JobState.POSTPROCESSING}
    assert states_before(JobState.FAILED) == {JobState.QUEUED} | ACTIVE


def test_first_job_of_an_owner_starts_at_the_clock():
    assert turn_of(7, None) == 7


def test_next_job_of_an_owner_comes_a_turn_later():
    assert turn_of(7, 9) == 10


def test_nobody_saves_up_turns():
    assert turn_of(7, 3) == 7


def test_step_of_priority_overtakes_so_many_turns():
    assert rank_of(LEAP - 1 + 5, 1) < rank_of(5, 0)
    assert rank_of(LEAP + 5, 1) == rank_of(5, 0)
    assert rank_of(LEAP + 1 + 5, 1) > rank_of(5, 0)
