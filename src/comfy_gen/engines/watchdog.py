"""Says when a prompt that runs is stuck, and what to do with its engine. Pure.

Nothing in ComfyUI's protocol tells a prompt that works from one that hangs: both are silent. What tells them apart is
how long their like take.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from comfy_gen.engines.durations import Estimate


@dataclass(frozen=True, slots=True)
class WatchdogOptions:
    """How patient we are with an engine; times in seconds."""

    floor: float = 120.0
    """Nothing is called stuck before so much silence."""
    factor: float = 3.0
    """Nor before so many times what nine in ten like jobs took from start to end."""
    enough: int = 5
    """From how many like jobs on that is believed."""
    unlearnt: float = 900.0
    """How much silence one has whose like are not known yet."""
    loading: float = 600.0
    """How much it has at least while weights are loaded: that is silent, and slow the first time, off a slow disk."""
    grace: float = 15.0
    """How long a measure has to show effect before the next is taken."""


_DEFAULTS = WatchdogOptions()


def limit_of(like: Estimate | None, *, is_loading: bool, options: WatchdogOptions = _DEFAULTS) -> float:
    """Return after how many seconds without progress a running prompt is stuck."""
    is_learnt = like is not None and like.samples >= options.enough
    learnt = options.factor * like.p90 if like is not None and is_learnt else options.unlearnt
    return max(options.floor, learnt, options.loading if is_loading else 0.0)


def is_stuck(silence: float, like: Estimate | None, *, is_loading: bool, options: WatchdogOptions = _DEFAULTS) -> bool:
    """Tell whether a prompt that has run for ``silence`` seconds without progress is stuck."""
    return silence > limit_of(like, is_loading=is_loading, options=options)


class Measure(StrEnum):
    """What is done with an engine whose prompt is stuck, the mildest first."""

    INTERRUPT = "interrupt"
    """The prompt, by its id: nobody else's."""
    FREE = "free"
    """Its memory: an engine short of it crawls."""
    RESTART = "restart"
    """Its process, where that is ours."""
    REST = "rest"
    """Nothing is sent there until it has answered again."""


@dataclass(frozen=True, slots=True)
class Rescue:
    """What was done so far with one engine about one stuck prompt."""

    taken: tuple[Measure, ...] = ()
    since: float = 0.0
    """When the last of them was taken."""

    def after(self, measure: Measure, now: float) -> Self:
        """Return it after one more measure."""
        return replace(self, taken=(*self.taken, measure), since=now)

    @property
    def is_over(self) -> bool:
        """Whether all was done that can be."""
        return Measure.REST in self.taken


def next_measure(rescue: Rescue, *, now: float, is_owned: bool, options: WatchdogOptions = _DEFAULTS) -> Measure | None:
    """Return what to do while the prompt is still stuck; None while the last measure has its time, and after them all.

    ``is_owned`` says that the engine's process is ours to restart.
    """
    if rescue.is_over or (rescue.taken and now < rescue.since + options.grace):
        return None
    ladder = [measure for measure in Measure if is_owned or measure is not Measure.RESTART]
    return next(measure for measure in ladder if measure not in rescue.taken)
