"""What goes into the store and comes out of it, besides the job itself. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.jobs.failure import JobFailure
    from comfy_gen.jobs.history import History
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Artifact, Event, Job, JobState
    from comfy_gen.jobs.request import JobRequest
    from comfy_gen.pipeline.record import GenerationRecord
    from comfy_gen.validation.takes import Take


@dataclass(frozen=True, slots=True)
class Accepted:
    """A job that is safe in the store."""

    job: Job
    is_replay: bool = False
    """Whether it was accepted before, under the same key or id."""


LONGEST_REST = 120.0
"""Seconds: more than any job rests between two attempts."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a scheduler is told of a job that waits."""

    job_id: JobId
    rank: int
    owner: str
    likeness: str
    need_json: Any
    """What it needs of an engine, as `engines.need` writes it."""
    strikes: int
    avoided: frozenset[str]
    not_before: float
    attempt: int
    """The number of the newest attempt; 0 before the first."""

    def may_start(self, now: float) -> bool:
        """Tell whether its rest is over. An end that no rest is as far away as was set by a clock that was wrong."""
        return not now < self.not_before <= now + LONGEST_REST


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this worker has now."""

    attempt: int
    """The number of the new attempt: with it the worker may write, until a newer one is made."""
    job: Job
    request: JobRequest
    takes: Sequence[Take] = ()
    """Those that were made before, of a job whose pictures are judged."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A take, what it made and how."""

    take: Take
    artifacts: Sequence[Artifact] = ()
    record: GenerationRecord | None = None
    """How its pictures were made; None where it made none."""
    timings: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Report:
    """How far an attempt is."""

    job_id: JobId
    attempt: int
    fraction: float | None
    """From 0 to 1; None where that is not known."""
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Finish:
    """How an attempt ended, and the job with it."""

    state: JobState
    """``completed``, ``partial``, ``failed`` or ``cancelled``."""
    artifacts: Sequence[Artifact] = ()
    failure: JobFailure | None = None
    timings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    notes: Sequence[str] = ()
    record: GenerationRecord | None = None
    """How its pictures were made; None where it made none."""
    verdicts: Sequence[Mapping[str, Any]] = ()
    """What the checks of its pictures said."""
    taken: Taken | None = None
    """The newest take, where pictures are judged. The files, the record and the verdicts above are the chosen one's;
    the record of an earlier one is in the store."""
    take: int | None = None
    """The number of the chosen one; None where nothing was chosen now."""
    mishap: JobFailure | None = None
    """Why this attempt failed, where an earlier take is the result all the same."""
    quality: Mapping[str, Any] | None = None
    """What was found in all, as `validation.takes.summary` tells it."""
    history: History | None = None
    """What the engine said of the attempt's prompt; None where it never began it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Some of the jobs: those named, or those that fit all the other conditions."""

    job_ids: Sequence[str] = ()
    states: Sequence[JobState] = ()
    owner: str | None = None
    all: bool = False
    """Every job: without it, a selection that says nothing selects nothing."""
    ended_before: float | None = None
    """Only those that ended before this moment."""


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list."""

    states: Sequence[JobState] = ()
    """Empty for any."""
    owner: str | None = None
    text: str = ""
    """A part of the title or the beginning of the id, in any case."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    """Only those whose metadata has all of these names with these values."""
    is_cancelling: bool | None = None
    """Of those that workers have only the ones that are to be cancelled, or only the others; None for both."""

    def has_labels(self, job: Job) -> bool:
        """Tell whether a job has the labels."""
        return all(job.metadata.get(name) == value for name, value in self.labels.items())


@dataclass(frozen=True, slots=True)
class News:
    """What happened to a job since somebody last looked."""

    job: Job
    events: Sequence[Event]

    @property
    def is_last(self) -> bool:
        """Whether nothing more will happen, so far as these events tell all."""
        return self.job.state.is_end and (not self.events or self.events[-1].number >= self.job.last_event)


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list."""

    jobs: Sequence[Job]
    next: str | None = None
    """What to give to get the next page; None on the last."""


class DeliveryState(StrEnum):
    """How it stands with a webhook."""

    PENDING = "pending"
    """It is to be sent, for the first time or again."""
    DELIVERED = "delivered"
    DEAD = "dead"
    """It was given up, and somebody should look: it told of a job's end."""
    DROPPED = "dropped"
    """It told of progress, and by now there is news."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook: what it tells, whom, and how the sending goes."""

    delivery_id: str
    """Always the same for the same end of the same job."""
    job_id: JobId
    state: JobState
    """What the job was in, at what it tells of."""
    url: str = field(repr=False)
    """It may hold a secret: not for messages or logs."""
    body: Mapping[str, Any]
    """What to tell, as it was then."""
    extra_params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    created: float = 0.0
    tries: int = 0
    tried: float | None = None
    """When the last try was made."""
    next_at: float | None = None
    """When to send it; None once it is done, or given up."""
    status: int | None = None
    """The last answer's."""
    error: str = ""
    """Why the last try failed."""
    is_done: bool = False
    """Whether it was received."""
    event: str = "end"
    """What it tells of: the ``end`` of the job, or its ``progress``."""

    @property
    def standing(self) -> DeliveryState:
        """How it stands with it."""
        if self.is_done:
            return DeliveryState.DELIVERED
        if self.next_at is not None:
            return DeliveryState.PENDING
        return DeliveryState.DROPPED if self.event == "progress" else DeliveryState.DEAD


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """A part of a list of webhooks."""

    deliveries: Sequence[Delivery]
    next: str | None = None
    """What to give to get the next page; None on the last."""
