"""A job with all that is kept of it: what it was asked, what its engine said of it, what it left. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from comfy_gen.jobs.job import JobState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from comfy_gen.jobs.history import History
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Artifact, Job
    from comfy_gen.jobs.request import JobRequest

MOST = 1000
"""So many are read at a time: each has a whole workflow."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """A job with all that is kept of it."""

    job: Job
    seq: int
    """Its number among all jobs, in the order in which they were accepted."""
    request: JobRequest
    history: History | None = None
    """What its engine said of it; None where none began it, or nobody kept it."""
    artifacts: Sequence[Artifact] = ()
    """Its result, once it has ended."""
    is_forgotten: bool = False
    """Whether its owner had the history forget it."""
    has_begun: bool = False
    """Whether its engine has begun it, as far as the store knows, which is told a moment later; until then it waits in
    the engine's own queue."""

    @property
    def is_past(self) -> bool:
        """Whether it is in the history: one that is taken out of the line leaves no trace there."""
        ran = self.history is not None or self.job.state is not JobState.CANCELLED
        return self.job.state.is_end and ran and not self.is_forgotten


class Waiter(NamedTuple):
    """A job that waits."""

    job_id: JobId
    seq: int
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Search:
    """Which jobs are looked for, of those that go on and those in the history; and how they are sorted."""

    states: Collection[JobState] = frozenset(JobState)
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    """Only those whose metadata has all of these names with these values, at whatever depth."""
    by: Literal["created", "duration"] = "created"
    is_ascending: bool = False
    offset: int = 0
    limit: int = MOST
    also: Collection[str] = ()
    """Ids of jobs that are looked for, too, whatever their states."""
    but: Collection[str] = ()
    """Ids of jobs that are not, although their states are."""
