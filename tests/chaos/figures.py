"""What a storm showed, in numbers. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chaos.evidence import Evidence, Record
    from tests.chaos.monkey import Absence


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one storm."""

    jobs: Counter[str]
    """By state."""
    seconds: float
    """From the first job's acceptance to the last one's end."""
    attempts: int
    taken_over: int
    """Attempts that went on with what another worker had begun."""
    judged: int
    """Jobs whose pictures are judged."""
    takes: int
    """How often their pictures were made."""
    failed: Counter[str]
    """Attempts that failed, by reason."""
    take_over_seconds: Sequence[float]
    """From each worker's death to when each of its jobs was in other hands, where the others were well; sorted."""

    @property
    def rate(self) -> float:
        """Jobs a second."""
        return self.jobs.total() / self.seconds if self.seconds else 0.0


def measure(evidence: Evidence, absences: Sequence[Absence]) -> Figures:
    """Return a storm's numbers."""
    records = list(evidence.records.values())
    attempts = [one for record in records for one in record.attempts]
    began = min((record.job.created for record in records), default=0.0)
    ended = max((record.job.ended or 0.0 for record in records), default=0.0)
    return Figures(
        jobs=Counter(str(record.job.state) for record in records),
        seconds=max(ended - began, 0.0),
        attempts=len(attempts),
        taken_over=sum(one.ending == "superseded" for one in attempts),
        judged=sum(record.job.quality is not None for record in records),
        takes=sum(len(record.takes) for record in records),
        failed=Counter(one.failure.code for one in attempts if one.ending == "failed" and one.failure),
        take_over_seconds=sorted(
            seconds
            for record in records
            for absence in absences
            if absence.is_death
            for seconds in _take_overs(record, absence, absences)
        ),
    )


def _take_overs(record: Record, death: Absence, absences: Sequence[Absence]) -> list[float]:
    return [
        new.started - death.began
        for old, new in pairwise(record.attempts)
        if f"-{death.pid}-" in old.worker
        and old.ending == "superseded"
        and old.started <= death.began <= new.started
        and not any(_is_other_within(one, death, new.started) for one in absences)
    ]


def _is_other_within(other: Absence, death: Absence, until: float) -> bool:
    return other.worker != death.worker and other.began < until and other.ended > death.began
