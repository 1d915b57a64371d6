"""How long jobs take, and how long one that waits will: from what like jobs took, never from constants. Pure."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds that jobs of one kind took."""

    median: float
    p90: float
    """Nine in ten took no longer."""
    samples: int


class Underway(NamedTuple):
    """One job that an engine has already."""

    elapsed: float
    """Seconds since it began; 0 for one that waits in the engine's own queue."""
    estimate: Estimate | None
    """How long such jobs take there."""


def estimate(samples: Iterable[float]) -> Estimate | None:
    """Return what is learnt from so many seconds each; None from nothing."""
    ordered = sorted(samples)
    if not ordered:
        return None
    return Estimate(quantile(ordered, 0.5), quantile(ordered, 0.9), len(ordered))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which a share of them lies; between two of them in proportion.

    Between 1 and 9 samples the 90th percentile comes out nearer to the middle than it is. That cannot be helped from
    so few: whoever decides by it looks at the number of samples.
    """
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def left_of(job: Underway) -> Estimate | None:
    """Return how long a job that an engine has will still take; None where nothing is known of its like.

    One that has taken longer than most is expected to end now, and by the time that nine in ten would have.
    """
    if job.estimate is None:
        return None
    median = max(job.estimate.median - job.elapsed, 0.0)
    return Estimate(median, max(job.estimate.p90 - job.elapsed, median), job.estimate.samples)


def wait_of(
    position: int, lanes: Sequence[Sequence[Underway]], *, own: Estimate | None, typical: Estimate | None
) -> Estimate | None:
    """Return in how many seconds a job that waits will be done; None where nothing is known to tell it from.

    Args:
        position: its place in the queue, 1 for the next.
        lanes: for each engine that will take from this queue, the jobs it has.
        own: how long its like take.
        typical: how long those before it take, and those underway of whose like nothing is known.
    """
    if own is None or not lanes or (typical is None and position > 1):
        return None
    ends = [_end_of(lane, typical) for lane in lanes]
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return None
    start = _start_of(position, known, typical or own)
    return _after(start, own).as_estimate(own.samples)


class _Moment(NamedTuple):
    """When something will be, and how sure that is.

    Jobs vary independently: one that is late is made up for by another. So their spreads add up by their squares, and
    the end of a long queue is told better than nine in ten of each of its jobs.
    """

    median: float = 0.0
    variance: float = 0.0
    """The square of the way from the median to the 90th percentile."""

    def as_estimate(self, samples: int) -> Estimate:
        return Estimate(self.median, self.median + math.sqrt(self.variance), samples)


def _after(moment: _Moment, took: Estimate, times: int = 1) -> _Moment:
    spread = took.p90 - took.median
    return _Moment(moment.median + times * took.median, moment.variance + times * spread * spread)


def _end_of(lane: Sequence[Underway], typical: Estimate | None) -> _Moment | None:
    """Return when an engine will have done what it has."""
    end = _Moment()
    for job in lane:
        left = left_of(job if job.estimate else job._replace(estimate=typical))
        if left is None:
            return None
        end = _after(end, left)
    return end


def _start_of(position: int, ends: Sequence[_Moment], typical: Estimate) -> _Moment:
    """Return when a place in the queue comes up: each engine takes the next job as soon as it has done its last.

    All that the engines surely do before is taken in one step, so that the place may be a million.
    """
    ahead, length = position - 1, typical.median
    level = (sum(end.median for end in ends) + ahead * length) / len(ends)
    rounds = [max(int((level - end.median) / length) - 1, 0) if length else ahead // len(ends) for end in ends]
    while (excess := sum(rounds) - ahead) > 0:  # engines that are busy beyond the level did not take their share
        rounds = [max(count - math.ceil(excess / len(ends)), 0) for count in rounds]
    free = [_after(end, typical, count) for end, count in zip(ends, rounds, strict=True)]
    heapq.heapify(free)
    for _ in range(ahead - sum(rounds)):
        heapq.heapreplace(free, _after(free[0], typical))
    return free[0]
