"""What a comparison of gateways found, in figures and in lines to read. Pure."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Found:
    """What one measurement says of each way."""

    title: str
    unit: str
    of_ways: Mapping[str, Sequence[float]]
    """For each, one figure a round."""
    is_rate: bool = False
    """Whether more is better; else less is."""

    def typical(self, way: str) -> float:
        """Return the median of a way."""
        return statistics.median(self.of_ways[way])

    def worst(self, way: str) -> float:
        """Return what nineteen rounds in twenty were better than, or the worst of fewer."""
        ordered = sorted(self.of_ways[way], reverse=self.is_rate)
        return ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]

    def better(self, way: str, *, than: str) -> float:
        """Return how many times as good the median of one way is as that of another."""
        one, other = self.typical(way), self.typical(than)
        return one / other if self.is_rate else other / one


def headline(found: Found, ours: str, *, than: str, bar: float | None) -> str:
    """Return the line that says how much better ours is, and whether that is enough where there is a bar."""
    times = found.better(ours, than=than)
    judged = "" if bar is None else f"   {'ok' if times >= bar else 'MISSED'}"
    return f"  {found.title:<34} {times:6.2f} times{judged}"


def figures(found: Found, floor: str) -> Iterator[str]:
    """Yield a line for each way, and how far it is from the one that nothing is faster than, if that was measured."""
    yield found.title
    for way in found.of_ways:
        is_beside = floor in found.of_ways and way != floor
        beside = f"   {found.better(floor, than=way):6.2f} times the time {floor}" if is_beside else ""
        yield f"  {way:<16} p50 {found.typical(way):8.2f} {found.unit}   p95 {found.worst(way):8.2f}{beside}"
