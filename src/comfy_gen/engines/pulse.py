"""What one engine's answers, messages and silence mean: when to ask it next, and when it has lost what it had. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comfy_gen.engines.health import Health
    from comfy_gen.engines.options import FleetOptions


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Why an engine might have to be asked sooner than usual."""

    has_jobs: bool = False
    is_cut_off: bool = False
    """Its socket broke."""
    is_suspect: bool = False
    """It may have begun anew, or have other nodes and models than we think."""
    has_strays: bool = False
    """It has prompts that nobody wants."""


class Pulse:
    """The signs of life of one engine."""

    def __init__(self, options: FleetOptions, now: float) -> None:
        self.asked_at: float | None = None
        self.heard_at = now
        """When its socket last said anything."""
        self.silent_since: float | None = None
        """Since when it has given no answer that makes sense; None after one that did."""
        self.refused_since: float | None = None
        """Since when nobody listens there."""
        self._options = options

    def answer(self) -> None:
        """Take in that it answered."""
        self.silent_since = self.refused_since = None

    def miss(self, began: float, *, is_refused: bool) -> None:
        """Take in that it did not, when it was asked at ``began``."""
        self.silent_since = began if self.silent_since is None else self.silent_since
        if not is_refused:
            self.refused_since = None
        elif self.refused_since is None:
            self.refused_since = began

    def is_lost(self, now: float) -> bool:
        """Tell whether the prompts that it had are lost.

        A refused connection says that the process is gone, and its queue with it. Other silence says less; it counts
        from the last message of the socket, which may work though the rest does not.
        """
        if self.refused_since is not None and now - self.refused_since >= self._options.grace:
            return True
        if self.silent_since is None:
            return False
        return now - max(self.silent_since, self.heard_at) >= self._options.patience

    def next_look(self, health: Health, here: Circumstances) -> float:
        """Return when to ask it next."""
        if self.asked_at is None:
            return 0.0
        soonest = self.asked_at + self._interval(health, here)
        if health.is_doubted:
            soonest = min(soonest, max(health.resting_until, self.asked_at + self._options.tick))
        return soonest

    def _interval(self, health: Health, here: Circumstances) -> float:
        options = self._options
        is_silent = self.silent_since is not None
        if here.has_jobs and (is_silent or here.is_cut_off):
            return options.look_every
        if not health.is_doubted and (here.is_cut_off or here.is_suspect):
            return options.look_every
        if here.has_strays and not is_silent:
            return options.look_every
        return options.busy_every if here.has_jobs else options.idle_every
