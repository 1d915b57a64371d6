"""What a storm showed, in numbers. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.chaos.evidence import Evidence, Record
    from tests.chaos.monkey import Absence
    from tests.chaos.troubles import Spell


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one storm."""

    jobs: Counter[str]
    """By state."""
    seconds: float
    """From the beginning to the end of the last job."""
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
    accepted: int = 0
    """Orders of which somebody was told that they are."""
    lost: int = 0
    """Of these, the jobs that are not there."""
    doubled: int = 0
    """Orders of which there is more than one job."""
    went_on: Mapping[str, Sequence[float]] = field(default_factory=dict[str, "Sequence[float]"])
    """By trouble: seconds from the end of each spell to the next end of a job, where there was one."""
    meanwhile: Mapping[str, int] = field(default_factory=dict[str, int])
    """By trouble: jobs that ended while it lasted."""

    @property
    def rate(self) -> float:
        """Jobs a second."""
        return self.jobs.total() / self.seconds if self.seconds else 0.0


def measure(
    evidence: Evidence, absences: Sequence[Absence], spells: Sequence[Spell] = (), *, seconds: float = 0.0
) -> Figures:
    """Return a storm's numbers."""
    records = list(evidence.records.values())
    attempts = [one for record in records for one in record.attempts]
    return Figures(
        jobs=Counter(str(record.job.state) for record in records),
        seconds=seconds,
        attempts=len(attempts),
        taken_over=sum(one.ending == "superseded" for one in attempts),
        judged=sum(record.job.quality is not None for record in records),
        takes=sum(len(record.takes) for record in records),
        failed=Counter(one.failure.code for one in attempts if one.ending == "failed" and one.failure),
        take_over_seconds=sorted(
            late
            for record in records
            for absence in absences
            if absence.is_death
            for late in _take_overs(record, absence, absences)
        ),
        accepted=sum(bool(evidence.acknowledged.get(order.key)) for order in evidence.orders),
        lost=len({one for given in evidence.acknowledged.values() for one in given} - evidence.records.keys()),
        doubled=sum(count > 1 for count in Counter(record.order for record in records).values()),
        went_on={name: _next_ends(records, some) for name, some in _by_name(spells).items()},
        meanwhile={name: _ends_within(records, some) for name, some in _by_name(spells).items()},
    )


def _by_name(spells: Sequence[Spell]) -> Mapping[str, Sequence[Spell]]:
    return {name: [one for one in spells if one.name == name] for name in sorted({one.name for one in spells})}


def _next_ends(records: Sequence[Record], spells: Sequence[Spell]) -> Sequence[float]:
    ends = sorted(record.job.ended for record in records if record.job.ended)
    return [later[0] - one.ended for one in spells if (later := [end for end in ends if end >= one.ended])]


def _ends_within(records: Sequence[Record], spells: Sequence[Spell]) -> int:
    ends = [record.job.ended or 0.0 for record in records]
    return sum(one.began <= end < one.ended for one in spells for end in ends)


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
