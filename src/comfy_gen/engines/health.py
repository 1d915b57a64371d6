"""What is thought of one engine's health: when it may get jobs again after it failed. Pure; time comes in as ``now``.

An engine that fails is rested, longer each time. Before it gets a job again it has to answer, and then it gets one
job at a time until one of them went well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from comfy_gen.engines.verdict import backoff


@dataclass(frozen=True, slots=True)
class Health:
    """The health of one engine."""

    failures: int = 0
    """In a row."""
    resting_until: float = 0.0
    is_doubted: bool = False
    """Whether it must answer before it gets a job."""
    gone_since: float | None = None
    """Since when nobody answers there; None while somebody does."""

    def struck(self, now: float, *, is_gone: bool, first: float, longest: float) -> Self:
        """Return the health after one more failure that was the engine's."""
        failures = self.failures + 1
        return replace(
            self,
            failures=failures,
            resting_until=now + backoff(failures, first=first, longest=longest),
            is_doubted=True,
            gone_since=(now if self.gone_since is None else self.gone_since) if is_gone else None,
        )

    def answered(self) -> Self:
        """Return the health after the engine answered: it may be tried."""
        return replace(self, is_doubted=False, gone_since=None)

    def recovered(self) -> Self:
        """Return the health after a job that went well."""
        return type(self)()

    def excused(self, now: float) -> Self:
        """Return the health once nobody waits for the engine any more: the next job begins by asking it."""
        return replace(self, resting_until=now, gone_since=None)

    def room(self, running: int, *, capacity: int) -> int:
        """Return how many more jobs it may get."""
        if self.is_doubted:
            return 0
        return max((1 if self.failures else capacity) - running, 0)
