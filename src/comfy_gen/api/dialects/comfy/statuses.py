"""How the dialect calls what jobs are in. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.job import ACTIVE, JobState
from comfy_gen.jobs.records import JobFilter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from comfy_gen.jobs.job import Job


class Status(StrEnum):
    """The dialect's words; clients wait until they read one of the ends."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELING = "canceling"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    FAILED = "failed"
    EXPIRED = "expired"
    """Of a job whose outputs are gone; here they go together, and there is no such job any more."""


_STATUSES: Mapping[JobState, Status] = {
    JobState.QUEUED: Status.QUEUED,
    **dict.fromkeys(ACTIVE, Status.RUNNING),
    JobState.COMPLETED: Status.SUCCEEDED,
    JobState.PARTIAL: Status.SUCCEEDED,
    JobState.FAILED: Status.FAILED,
    JobState.CANCELLED: Status.CANCELED,
}


def status_of(job: Job) -> Status:
    """Return the status of a job."""
    status = _STATUSES[job.state]
    return Status.CANCELING if status is Status.RUNNING and job.is_cancelling else status


def statuses_in(said: str) -> frozenset[Status]:
    """Return the statuses that a list with commas names.

    Raises:
        InvalidParameterError: something in it is none.
    """
    words = [word for part in said.split(",") if (word := part.strip())]
    if strange := [word for word in words if word not in set(Status)]:
        raise InvalidParameterError("status", strange[0][:50], f"one of {', '.join(Status)}")
    return frozenset(map(Status, words))


def filter_of(statuses: Collection[Status], *, owner: str | None, labels: Mapping[str, str]) -> JobFilter | None:
    """Return which jobs to list; all where no status is named, and None where no job has any of those."""
    if not statuses:
        return JobFilter(owner=owner, labels=labels)
    states = tuple(state for state, status in _STATUSES.items() if _sought(status, statuses))
    both = {Status.RUNNING, Status.CANCELING}
    is_cancelling = Status.CANCELING in statuses if len(both.intersection(statuses)) == 1 else None
    return JobFilter(states, owner, labels=labels, is_cancelling=is_cancelling) if states else None


def _sought(status: Status, statuses: Collection[Status]) -> bool:
    return status in statuses or (status is Status.RUNNING and Status.CANCELING in statuses)
