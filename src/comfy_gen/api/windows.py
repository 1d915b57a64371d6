"""Counts who asked how often, in this process. Pure: time comes in as ``now``.

A window that slides, from two that do not: what was counted in the one before counts the less, the longer the present
one has lasted. A process keeps two numbers for each who asks, and for no more of them than it was told.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

MOST = 50_000
"""Of those who ask: whoever asked longest ago is forgotten."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands with their limit after a request."""

    limit: int
    remaining: int
    reset: float
    """Seconds until the present window ends."""
    retry_after: float = 0.0
    """Seconds until one more is allowed; 0 where this one was."""
    rate: str = ""
    """The limit in words."""

    @property
    def is_allowed(self) -> bool:
        """Whether the request was within the limit."""
        return self.retry_after <= 0


@dataclass(slots=True)
class _Count:
    window: int
    current: int = 0
    previous: int = 0


class Windows:
    """The counts of all who ask."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def hit(self, key: str, limit: int, period: float, *, now: float) -> Standing:
        """Count a request, unless there were ``limit`` in the last ``period`` seconds."""
        count = self._count(key, int(now // period))
        elapsed = now % period
        weight = count.previous * (1 - elapsed / period) + count.current
        if weight + 1 > limit:
            return Standing(limit, 0, period - elapsed, _wait(count, limit, period, elapsed))
        count.current += 1
        return Standing(limit, int(limit - weight - 1), period - elapsed)

    def _count(self, key: str, window: int) -> _Count:
        count = self._counts.setdefault(key, _Count(window))
        self._counts.move_to_end(key)
        if window != count.window:
            is_next = window == count.window + 1
            count.previous = count.current if is_next else 0
            count.window, count.current = window, 0
        if len(self._counts) > self._most:
            self._counts.popitem(last=False)
        return count


def _wait(count: _Count, limit: int, period: float, elapsed: float) -> float:
    """Return in how many seconds the weight leaves room for one more."""
    if count.current < limit and count.previous:
        return max(period * (1 - (limit - 1 - count.current) / count.previous) - elapsed, 0.001)
    return period - elapsed + period * (1 - (limit - 1) / max(count.current, 1))
