from __future__ import annotations

import pytest

from comfy_gen.api.dialects.comfy.statuses import Status, filter_of, status_of, statuses_in
from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.job import ACTIVE, Job, JobId, JobState
from comfy_gen.jobs.records import JobFilter


def job_in(state: JobState, *, is_cancelling: bool = False) -> Job:
    return Job(JobId("j"), state, is_cancelling=is_cancelling)


def test_every_state_has_a_status():
    told = {state: status_of(job_in(state)).value for state in JobState}
    assert told == {
        "queued": "queued",
        "preprocessing": "running",
        "generating": "running",
        "postprocessing": "running",
        "completed": "succeeded",
        "partial": "succeeded",
        "failed": "failed",
        "cancelled": "canceled",
    }


def test_job_that_is_to_be_cancelled_is_canceling_until_it_is():
    assert status_of(job_in(JobState.GENERATING, is_cancelling=True)) is Status.CANCELING
    assert status_of(job_in(JobState.CANCELLED, is_cancelling=True)) is Status.CANCELED


def test_statuses_are_read_from_a_list_with_commas():
    assert statuses_in(" queued,running , ,") == {Status.QUEUED, Status.RUNNING}
    assert statuses_in("") == frozenset()
    with pytest.raises(InvalidParameterError, match="completed"):
        statuses_in("queued,completed")


def test_all_jobs_are_listed_where_no_status_is_named():
    assert filter_of([], owner="ann", labels={"a": "b"}) == JobFilter(owner="ann", labels={"a": "b"})


@pytest.mark.parametrize(
    ("statuses", "states", "is_cancelling"),
    [
        ([Status.SUCCEEDED], {JobState.COMPLETED, JobState.PARTIAL}, None),
        ([Status.RUNNING], ACTIVE, False),
        ([Status.CANCELING], ACTIVE, True),
        ([Status.RUNNING, Status.CANCELING], ACTIVE, None),
        ([Status.QUEUED, Status.RUNNING], {JobState.QUEUED, *ACTIVE}, False),
        ([Status.EXPIRED, Status.FAILED], {JobState.FAILED}, None),
    ],
)
def test_statuses_are_sought_by_the_states_that_they_are_of(statuses, states, is_cancelling):
    wanted = filter_of(statuses, owner=None, labels={})
    assert wanted is not None
    assert (set(wanted.states), wanted.is_cancelling) == (set(states), is_cancelling)


def test_no_job_has_expired():
    assert filter_of([Status.EXPIRED], owner=None, labels={}) is None
