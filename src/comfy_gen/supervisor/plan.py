"""What is done when a ComfyUI has ended: it is started again after a while, or given up.

Pure; time comes in as ``now``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from signal import Signals
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
STEADY = 60.0
"""Seconds that it must have run for its earlier ends to be forgotten."""
QUICK = 10.0
"""Seconds within which an end is a quick one, whether it has answered or not."""
MOST_QUICK_ENDS = 5
"""In a row; then it would end the next time too."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of a ComfyUI."""

    at: float
    """By the clock of the wall, in seconds."""
    code: int
    """As ``subprocess`` has it: negative where a signal ended it."""
    lasted: float
    has_answered: bool
    """Whether it ever got ready."""

    @property
    def is_quick(self) -> bool:
        """Whether it came to nothing."""
        return not self.has_answered or self.lasted < QUICK

    @property
    def manner(self) -> str:
        """How it ended, as a person would say it."""
        if self.code >= 0:
            return f"ended with status {self.code}"
        return f"was ended by {_signal_name(-self.code)}"


@dataclass(frozen=True, slots=True)
class Restart:
    """It is started again."""

    after_seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It stays as it is."""

    reason: str


def after_exit(ends: Sequence[End], *, now: float, is_supervised: bool) -> Restart | GiveUp:
    """Return what is done after the last of these ends, oldest first.

    The pauses double, and those who ran for a while begin with the shortest again.
    """
    last = ends[-1]
    if not is_supervised:
        return GiveUp(f"it {last.manner}")
    if _count(ends, lambda end: end.is_quick) >= MOST_QUICK_ENDS:
        return GiveUp(f"it {last.manner}, the {MOST_QUICK_ENDS}th time in a row that it did not last")
    earlier = _count(ends[:-1], lambda end: end.lasted < STEADY) if last.lasted < STEADY else 0
    pause = min(FIRST_PAUSE * 2**earlier, LONGEST_PAUSE)
    return Restart(min(max(last.at + pause - now, 0.0), pause))


def _count(ends: Sequence[End], is_such: Callable[[End], bool]) -> int:
    """Return how many of them are such in a row, from the last one back."""
    return sum(1 for _ in takewhile(is_such, reversed(ends)))


def _signal_name(number: int) -> str:
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"
