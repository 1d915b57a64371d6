"""When to leave a server alone that does not answer, and when to say so again. Pure but for its clock."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE = 5.0
"""Seconds without a question after one that failed: each would cost a request its time."""
QUIET = 300.0
"""Seconds in which the same is not said twice."""


class Rest:
    """Whether a server rests."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = -math.inf
        self._said = -math.inf

    @property
    def is_on(self) -> bool:
        """Whether it is not to be asked now."""
        return self._clock() < self._until

    def begin(self) -> bool:
        """Have it rest, for it failed; tell whether that is worth a warning."""
        now = self._clock()
        self._until = now + PAUSE
        if now - self._said < QUIET:
            return False
        self._said = now
        return True
