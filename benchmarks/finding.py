"""What a measurement finds: the values of each way, how many times as good one is as another, and bars. Pure."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Point = Literal["p50", "p95", "p99", "worst"]
Better = Literal["less", "more", ""]
_SHARES = {"p95": 0.95, "p99": 0.99, "worst": 1.0}


@dataclass(frozen=True, slots=True)
class Bar:
    """What a way has to reach: by itself, or beside another."""

    way: str
    limit: float
    at: Point = "p50"
    beside: str = ""
    """The other way, if it is compared with one."""
    is_added: bool = False
    """Whether the limit is for what it takes more than the other; else for how many times as good it is."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as good a way is as another."""

    way: str
    than: str
    times: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was reached of a bar."""

    bar: Bar
    reached: float
    is_met: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was measured, of one way or of several that took turns."""

    title: str
    unit: str
    of_ways: Mapping[str, Sequence[float]]
    better: Better = "less"
    """Which of two values is the better one; of shares neither is."""
    beside: Sequence[str] = ()
    """The ways that the others are compared with."""
    bars: Sequence[Bar] = ()
    note: str = ""
    """What a reader has to know of these figures."""

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> Self:
        """Return what `as_json` was made of."""
        return cls(**{**said, "bars": [Bar(**bar) for bar in said["bars"]]})

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)

    def at(self, way: str, point: Point = "p50") -> float:
        """Return the median of a way, or what so many of a hundred were better than; of a few it is the worst."""
        values = self.of_ways[way]
        if point == "p50":
            return statistics.median(values)
        ordered = sorted(values, reverse=self.better == "more")
        return ordered[min(len(ordered) - 1, round(_SHARES[point] * len(ordered)))]

    def times(self, way: str, *, than: str) -> float:
        """Return how many times as good the median of a way is as that of another."""
        one, other = self.at(way), self.at(than)
        better, worse = (one, other) if self.better == "more" else (other, one)
        return better / worse if worse else float("inf")

    def ratios(self) -> Iterator[Ratio]:
        """Yield each way beside each that it is compared with."""
        for way in self.of_ways:
            others = (other for other in self.beside if other in self.of_ways and way not in self.beside)
            yield from (Ratio(way, other, self.times(way, than=other)) for other in others)

    def judgements(self) -> Iterator[Judgement]:
        """Yield what was reached of each bar; a way that was not measured is not judged."""
        there = (bar for bar in self.bars if bar.way in self.of_ways and (bar.beside or bar.way) in self.of_ways)
        yield from map(self._judge, there)

    def _judge(self, bar: Bar) -> Judgement:
        if bar.beside and not bar.is_added:
            times = self.times(bar.way, than=bar.beside)
            return Judgement(bar, times, times >= bar.limit)
        reached = self.at(bar.way, bar.at) - (self.at(bar.beside, bar.at) if bar.beside else 0.0)
        return Judgement(bar, reached, reached >= bar.limit if self.better == "more" else reached <= bar.limit)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What could not be measured here."""

    what: str
    why: str
