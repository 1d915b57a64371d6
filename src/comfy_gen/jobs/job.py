"""One job: a request that survives a restart, its states, its attempts and what came of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from comfy_gen.jobs.failure import JobFailure, failure_of
from comfy_gen.jobs.ids import JobId, new_job_id
from comfy_gen.jobs.request import JobRequest, Webhook
from comfy_gen.pipeline.artifact import Artifact

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ACTIVE",
    "ENDS",
    "GENERATE",
    "LEAP",
    "MADE",
    "RETRIABLE",
    "Artifact",
    "Attempt",
    "Event",
    "Job",
    "JobFailure",
    "JobId",
    "JobRequest",
    "JobState",
    "Webhook",
    "can_move",
    "check_move",
    "failure_of",
    "new_job_id",
    "rank_of",
    "states_before",
    "turn_of",
]

LEAP = 100
"""How many turns a step of priority overtakes. It is the ageing too: who waits is passed by no more than that."""

GENERATE = "generate"
"""The key in a job's timings of the seconds that its engine took; like jobs take like times."""


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    """It waits: for its turn, or to be tried again."""
    PREPROCESSING = "preprocessing"
    """A worker has it and readies its inputs."""
    GENERATING = "generating"
    """It is assigned to an engine: the prompt may be there already."""
    POSTPROCESSING = "postprocessing"
    """Its files are fetched and stored."""
    COMPLETED = "completed"
    PARTIAL = "partial"
    """It gave some of its outputs; the engine dropped the others."""
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_end(self) -> bool:
        """Whether nothing more happens to the job, unless somebody has it run again."""
        return self in ENDS

    @property
    def is_active(self) -> bool:
        """Whether a worker has the job."""
        return self in ACTIVE


ACTIVE = frozenset({JobState.PREPROCESSING, JobState.GENERATING, JobState.POSTPROCESSING})
ENDS = frozenset({JobState.COMPLETED, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED})
MADE = frozenset({JobState.COMPLETED, JobState.PARTIAL})
"""The ends of jobs that have a result."""
RETRIABLE = frozenset({JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED})
"""The ends that ``retry`` undoes."""

_STOPS = frozenset({JobState.FAILED, JobState.CANCELLED})
_MOVES: Mapping[JobState, frozenset[JobState]] = {
    JobState.QUEUED: _STOPS | {JobState.PREPROCESSING},
    JobState.PREPROCESSING: _STOPS | {JobState.QUEUED, JobState.GENERATING},
    JobState.GENERATING: _STOPS | {JobState.QUEUED, JobState.POSTPROCESSING},
    JobState.POSTPROCESSING: _STOPS | {JobState.QUEUED, JobState.COMPLETED, JobState.PARTIAL},
    JobState.COMPLETED: frozenset(),
    **dict.fromkeys(RETRIABLE, frozenset({JobState.QUEUED})),
}


def can_move(old: JobState, new: JobState) -> bool:
    """Tell whether the one state may follow on the other."""
    return new in _MOVES[old]


def check_move(old: JobState, new: JobState) -> None:
    """Do nothing, if the one state may follow on the other.

    Raises:
        AssertionError: it may not; this is a bug of ours.
    """
    if not can_move(old, new):
        raise AssertionError(f"a job cannot go from {old} to {new}")


def states_before(new: JobState) -> frozenset[JobState]:
    """Return the states that ``new`` may follow on."""
    return frozenset(old for old in JobState if can_move(old, new))


@dataclass(frozen=True, slots=True)
class Job:
    """What is known of a job, but for its request, which may be megabytes."""

    job_id: JobId
    state: JobState
    owner: str = ""
    priority: int = 0
    rank: int = 0
    """Its place in the line: the lowest goes first."""
    title: str = ""
    likeness: str = ""
    """Equal for jobs that should take like times."""
    attempt: int = 0
    """The number of the newest; 0 before the first. Only the newest may change the job."""
    strikes: int = 0
    """How many attempts failed by an engine's fault."""
    is_held: bool = False
    is_cancelling: bool = False
    """A cancel was asked for, and the worker has yet to carry it out."""
    created: float = 0.0
    queued: float = 0.0
    """When it last began to wait."""
    started: float | None = None
    ended: float | None = None
    engine: str | None = None
    """Of the newest attempt, as are the next two."""
    prompt_id: str | None = None
    worker: str | None = None
    not_before: float = 0.0
    """It is not to start sooner; 0 is now."""
    avoided: frozenset[str] = frozenset()
    """Engines at whose hands it failed."""
    failure: JobFailure | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    webhook_url: str | None = None
    last_event: int = 0
    """The number of its newest event."""
    progress: float | None = None
    """From 0 to 1, while it is generating."""
    timings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Seconds by stage; ``nodes`` has those of each node."""
    notes: tuple[str, ...] = ()
    """What the engine said of outputs that it dropped."""
    quality: Mapping[str, Any] | None = None
    """What was found of its pictures, as `validation.takes.summary` tells it; None where nobody judges them."""
    take: int = 1
    """The number of the take whose files are the result."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a job, by one worker and at most one engine."""

    job_id: JobId
    number: int
    worker: str
    engine: str | None = None
    prompt_id: str | None = None
    started: float = 0.0
    ended: float | None = None
    ending: str | None = None
    """``succeeded``, ``rejected`` (its pictures did not pass), ``failed``, ``cancelled``, ``superseded`` by a newer
    one, or None while it goes on."""
    failure: JobFailure | None = None
    timings: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a job; the numbers of a job's events only grow."""

    job_id: JobId
    number: int
    at: float
    type: str
    """``state``, ``progress`` or ``note``."""
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


def turn_of(clock: int, last: int | None) -> int:
    """Return the turn of a new job, so that owners take turns however many jobs each of them has.

    ``clock`` is the highest turn of any job that was ever started, ``last`` the highest among those that wait of the
    same owner and priority. This is start-time fair queueing: who comes late starts at the clock, and nobody can
    save up turns.
    """
    return clock if last is None else max(clock, last + 1)


def rank_of(turn: int, priority: int) -> int:
    """Return a job's place in the line: the lowest goes first."""
    return turn - LEAP * priority
