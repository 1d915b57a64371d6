"""Makes room for a job between two others of the line, with as few of the others as can be. Pure.

Ranks are whole numbers, and jobs of one rank go in the order in which they were accepted. Whoever is moved gets a rank
that nobody has, so that nothing else decides. Where there is none between its new neighbours, those on one side give
way: each by no more than it has to, as far as to the next gap, such as the place that the job has left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from comfy_gen.jobs.ids import JobId


class Spot(NamedTuple):
    """Where a job waits. Sorted as the line is."""

    rank: int
    seq: int
    job_id: JobId
    is_held: bool


class Shift(NamedTuple):
    """A job that gives way."""

    spot: Spot
    by: int
    """So many ranks later; below 0, so many sooner."""


@dataclass(frozen=True, slots=True)
class Room:
    """Room for one more."""

    rank: int
    shifts: Sequence[Shift] = ()


def make_room(before: Iterator[Spot], after: Iterator[Spot], *, is_after: bool) -> Room:
    """Return room between those before and those after, both from the nearest on; somebody has to be there.

    Whatever comes between them later shall not part the job from the one it was put after, or else before.
    """
    last, first = next(before, None), next(after, None)
    if first is None:
        if last is None:
            raise AssertionError("there is nobody to be put next to")
        return Room(last.rank + 1)
    if last is None:
        return Room(first.rank - 1)
    lacking = 2 - (first.rank - last.rank)
    if lacking <= 0:
        return Room(last.rank + 1 if is_after else first.rank - 1)
    shifts = _shifts(_Side(last, before, -lacking), _Side(first, after, lacking))
    by = shifts[0].by
    return Room(last.rank + by + 1 if by < 0 else first.rank + by - 1, shifts)


def _shifts(*sides: _Side) -> Sequence[Shift]:
    while True:
        for side in sides:
            if side.is_done():
                return side.shifts


class _Side:
    """Those on one side who give way, one more at a time."""

    def __init__(self, nearest: Spot, others: Iterator[Spot], by: int) -> None:
        self.shifts = [Shift(nearest, by)]
        self._others = others

    def is_done(self) -> bool:
        """Have one more give way; tell whether nobody has to any more."""
        nearest, by = self.shifts[-1]
        spot = next(self._others, None)
        if spot is None:
            return True
        free = max(abs(spot.rank - nearest.rank) - 1, 0)
        if abs(by) <= free:
            return True
        self.shifts.append(Shift(spot, by - free if by > 0 else by + free))
        return False
