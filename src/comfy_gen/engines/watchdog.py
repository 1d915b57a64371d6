"""Says when a prompt that runs is stuck. Pure.

Nothing in ComfyUI's protocol tells a prompt that works from one that hangs: both are silent. What tells them apart is
how long their like take.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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


_DEFAULTS = WatchdogOptions()


def limit_of(like: Estimate | None, *, is_loading: bool, options: WatchdogOptions = _DEFAULTS) -> float:
    """Return after how many seconds without progress a running prompt is stuck."""
    is_learnt = like is not None and like.samples >= options.enough
    learnt = options.factor * like.p90 if like is not None and is_learnt else options.unlearnt
    return max(options.floor, learnt, options.loading if is_loading else 0.0)


def is_stuck(silence: float, like: Estimate | None, *, is_loading: bool, options: WatchdogOptions = _DEFAULTS) -> bool:
    """Tell whether a prompt that has run for ``silence`` seconds without progress is stuck."""
    return silence > limit_of(like, is_loading=is_loading, options=options)
