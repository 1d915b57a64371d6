"""The jobs that one worker holds: those that wait for an engine, and those that run."""

from __future__ import annotations

import asyncio
import functools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfy_gen.engines.need import Need

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from comfy_gen.jobs.job import JobId
    from comfy_gen.jobs.records import Waiting


@dataclass(frozen=True, slots=True)
class Held:
    """A job that waits, and what it needs of its engine."""

    waiting: Waiting
    need: Need

    @classmethod
    def of(cls, waiting: Waiting) -> Held:
        """Return a job with its need read."""
        return cls(waiting, _need(json.dumps(waiting.need_json, sort_keys=True)))


@functools.lru_cache(maxsize=1024)
def _need(text: str) -> Need:
    """Return a need, one object for all the jobs that have it."""
    return Need.from_json(json.loads(text))


class Hand:
    """Implements the dispatcher's `Hand`. Lives on one loop; decides nothing but which job to let go of when full."""

    def __init__(
        self,
        size: int,
        *,
        find: Callable[[JobId], Awaitable[Waiting | None]],
        take_over: Callable[[JobId], Awaitable[bool]],
        on_change: Callable[[], None],
    ) -> None:
        """``take_over`` takes up a job that is active though no worker has it, and tells whether it was one."""
        self.waiting: dict[JobId, Held] = {}
        """Those that wait for an engine."""
        self._size = size
        self._find = find
        self._take_over = take_over
        self._on_change = on_change
        self._held: dict[JobId, asyncio.Future[None]] = {}
        self._coming = 0
        """How many are being looked at."""

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, job_id: JobId) -> bool:
        return job_id in self._held

    def room(self) -> int:
        """Return how many more jobs it would hold."""
        return self._size - len(self.waiting) - self._coming

    async def take(self, job_id: JobId, known: Waiting | None = None) -> None:
        """Hold a job until it is out of this worker's hands; see the dispatcher's `Hand`."""
        if job_id in self._held:
            await asyncio.shield(self._held[job_id])
            return
        gone = self._held[job_id] = asyncio.get_running_loop().create_future()
        try:
            if await self._comes(job_id, known):
                await gone
        finally:
            self.waiting.pop(job_id, None)
            self._held.pop(job_id, None)
            if not gone.done():
                gone.set_result(None)

    async def _comes(self, job_id: JobId, known: Waiting | None) -> bool:
        """Tell whether a job waits, or can be taken over; then it is held."""
        waiting = known or await self._look_for(job_id)
        if waiting is None:
            return await self._take_over(job_id)
        self._put(waiting)
        return True

    async def _look_for(self, job_id: JobId) -> Waiting | None:
        self._coming += 1
        try:
            return await self._find(job_id)
        finally:
            self._coming -= 1

    def start(self, job_id: JobId) -> Held:
        """Take a job out of those that wait: an engine gets it."""
        return self.waiting.pop(job_id)

    def let_go(self, job_id: JobId) -> None:
        """Hold a job no longer: it has ended, or waits for others."""
        self.waiting.pop(job_id, None)
        gone = self._held.get(job_id)
        if gone is not None and not gone.done():
            gone.set_result(None)

    async def put_back(self, job_id: JobId) -> None:
        """Have a job that ran wait again, if it still does."""
        waiting = await self._find(job_id)
        if waiting is None or job_id not in self._held:
            self.let_go(job_id)
        else:
            self._put(waiting)

    def refresh(self, job_ids: Iterable[JobId], current: Iterable[Waiting]) -> None:
        """Take in how these jobs are now; those that are not among the current wait no longer."""
        known = {waiting.job_id: waiting for waiting in current}
        for job_id in self.waiting.keys() & set(job_ids):
            if job_id in known:
                self.waiting[job_id] = Held.of(known[job_id])
            else:
                self.let_go(job_id)
        self._on_change()

    def _put(self, waiting: Waiting) -> None:
        self.waiting[waiting.job_id] = Held.of(waiting)
        if len(self.waiting) > self._size:
            self.let_go(max((held.waiting for held in self.waiting.values()), key=lambda one: one.rank).job_id)
        self._on_change()
