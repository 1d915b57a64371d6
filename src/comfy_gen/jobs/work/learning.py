"""Learns how long jobs and loads take on these engines, for the scheduler to weigh them against each other. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from comfy_gen.engines.scheduler import SchedulerOptions

_SHARE = 0.1
"""How much the newest job counts: models and engines change, so that the old is forgotten."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """Running means, in seconds; None where nothing has been seen."""

    warm: float | None = None
    """Of jobs whose weights were loaded."""
    cold: float | None = None
    """Of those that had to load them."""

    def after(self, seconds: float, *, was_warm: bool) -> Self:
        """Return what is known after one more job."""
        if was_warm:
            return replace(self, warm=_mean(self.warm, seconds))
        return replace(self, cold=_mean(self.cold, seconds))

    @property
    def options(self) -> SchedulerOptions:
        """What the scheduler is told."""
        if self.warm is None or self.cold is None:
            return SchedulerOptions()
        return SchedulerOptions(load_seconds=max(self.cold - self.warm, 0.0), job_seconds=self.warm)


def _mean(known: float | None, newest: float) -> float:
    return newest if known is None else known + _SHARE * (newest - known)
