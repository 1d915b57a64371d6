"""All jobs at once, as those who watch them want them: what has not ended, what ended of late, and what changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.engines.durations import Estimate
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Artifact, Job


MOST_SEEN = 500
"""So many jobs are seen of the line, and so many of those that ended."""


class Version(NamedTuple):
    """What differs whenever a job does."""

    seq: int
    """Another one's, where a job was deleted and its id given again."""
    last_event: int
    rank: int
    """Others that are moved shift it, without an event of its own."""


@dataclass(frozen=True, slots=True)
class LiveJob:
    """A job with what is to be seen of it while it goes on, and at its end."""

    job: Job
    seq: int
    """Its place among all jobs, in the order in which they were accepted; it decides between equal ranks."""
    began: float | None = None
    """When its newest attempt did; None unless it is active."""
    progress: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the newest attempt last reported."""
    artifacts: Sequence[Artifact] = ()
    """Once it has ended."""
    eta: Estimate | None = None
    """In how many seconds it ends; None where that is not known."""

    @property
    def version(self) -> Version:
        """What differs whenever this does."""
        return Version(self.seq, self.job.last_event, self.job.rank)


@dataclass(frozen=True, slots=True)
class Sight:
    """What is to be seen at one moment."""

    jobs: Sequence[LiveJob]
    is_paused: bool
    is_whole: bool
    """Whether these are all that there are."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs from what was seen before."""

    jobs: Sequence[LiveJob]
    gone: Sequence[JobId]
    """Those that are to be seen no more."""
    is_paused: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where all of an owner's jobs are at one moment."""

    waiting: frozenset[JobId]
    """In the line, or held."""
    active: frozenset[JobId]
    ended: frozenset[JobId]
    """Of late, and so many at most as are seen."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the end of a job depends on besides itself."""

    engines: Sequence[str] = ()
    """Those that take jobs, by name."""
    underway: Sequence[tuple[str | None, str, float]] = ()
    """The engine, the likeness and the beginning of each job that is active."""
    positions: Mapping[JobId, int] = field(default_factory=dict["JobId", int])
    """Of the first in the line; 1 for the next."""
    typical: Sequence[float] = ()
    """The seconds that jobs of any kind took of late."""
    durations: Mapping[str, Sequence[float]] = field(default_factory=dict[str, "Sequence[float]"])
    """The same of like jobs, by likeness."""
