"""How thoroughly to measure, and with which engine beside the sandbox."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conditions:
    """What every measurement is given."""

    is_quick: bool = False
    """Whether it is only to be seen that all works: a few rounds of each."""
    engine: str | None = None
    """The address of a ComfyUI to measure with; None takes the one that is installed, if there is one."""

    def count(self, usual: int, *, quick: int) -> int:
        """Return how many rounds, or jobs, there are to be."""
        return quick if self.is_quick else usual
