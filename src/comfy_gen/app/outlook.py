"""Says of many jobs at once when each will have ended; what it draws on is read once in a while."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from comfy_gen.engines.durations import Underway, estimate, left_of, wait_of
from comfy_gen.jobs.live import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from comfy_gen.engines.durations import Estimate
    from comfy_gen.jobs.live import LiveJob
    from comfy_gen.jobs.overview import Overview

FRESH = 2.0
"""Seconds for which nothing is read again: who is where in the line, and what engines have."""
MOST_KINDS = 500
"""Of so many kinds of jobs it is known how long they take."""
AT_ONCE = 50
"""So many kinds are looked up at a time; the others' turn comes with the next look."""
KIND_FRESH = 30.0
"""Seconds for which it is not asked again how long jobs of one kind take."""


class Outlook:
    """Knows how long jobs take, and what is before them. Lives on one loop."""

    def __init__(
        self,
        overview: Overview,
        *,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` tells the time, ``timer`` the seconds that pass."""
        self._overview = overview
        self._clock = clock
        self._timer = timer
        self._read_at = -math.inf
        self._around = Surroundings()
        self._kinds: OrderedDict[str, tuple[float, Estimate | None]] = OrderedDict()

    async def told(self, jobs: Sequence[LiveJob]) -> list[LiveJob]:
        """Return jobs, those that have not ended with the time that they will take."""
        goes_on = [one for one in jobs if not one.job.state.is_end]
        if goes_on and self._timer() - self._read_at >= FRESH:
            await self._look(one.job.likeness for one in goes_on)
        lanes = self._lanes() if goes_on else []
        return [one if one.job.state.is_end else replace(one, eta=self._eta(one, lanes)) for one in jobs]

    def _eta(self, one: LiveJob, lanes: list[list[Underway]]) -> Estimate | None:
        own = self._of_kind(one.job.likeness)
        if one.began is not None:
            return left_of(Underway(max(self._clock() - one.began, 0.0), own))
        position = self._around.positions.get(one.job.job_id)
        if position is None or one.job.is_held:
            return None
        return wait_of(position, lanes, own=own, typical=estimate(self._around.typical))

    def _lanes(self) -> list[list[Underway]]:
        lanes: dict[str, list[Underway]] = {name: [] for name in self._around.engines}
        for engine, kind, began in self._around.underway:
            if engine in lanes:
                lanes[engine].append(Underway(max(self._clock() - began, 0.0), self._of_kind(kind)))
        return list(lanes.values())

    def _of_kind(self, kind: str) -> Estimate | None:
        return self._kinds.get(kind, (0.0, None))[1]

    async def _look(self, kinds: Iterable[str]) -> None:
        now = self._timer()
        underway = (kind for _, kind, _ in self._around.underway)
        stale = [kind for kind in dict.fromkeys([*kinds, *underway]) if self._is_stale(kind, now)]
        self._around = await self._overview.surroundings(stale[:AT_ONCE])
        self._read_at = now
        for kind, took in self._around.durations.items():
            self._kinds[kind] = now, estimate(took)
            self._kinds.move_to_end(kind)
        while len(self._kinds) > MOST_KINDS:
            self._kinds.popitem(last=False)

    def _is_stale(self, kind: str, now: float) -> bool:
        return now - self._kinds.get(kind, (-math.inf, None))[0] >= KIND_FRESH
