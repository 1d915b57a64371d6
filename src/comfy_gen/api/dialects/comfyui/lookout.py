"""Looks at what happens to jobs in other processes, when the store says that something did, and shows it.

Of the jobs that run here nothing is looked up: who has them tells of them. What was heard of a job during a look is
newer than what that look shows, and goes before it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from comfy_gen.errors import DatabaseError
from comfy_gen.jobs.ending import end
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.signals import ANYTHING, LINE, QUEUE, job_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Mapping

    from comfy_gen.api.dialects.comfyui.audience import Audience
    from comfy_gen.jobs.history import History
    from comfy_gen.jobs.live import LiveJob
    from comfy_gen.jobs.overview import Overview
    from comfy_gen.jobs.signals import Signals

log = logging.getLogger(__name__)

OVERLAP = 60.0
"""Seconds by which the clocks of two machines may differ."""
EVERY = 0.02
"""Seconds between two looks at the store, at least."""
SHARE = 10
"""Looks take no more than one part in so many of the time: a long queue takes long to read."""
RETRY_EVERY = 1.0
"""Seconds until the next look after one that failed."""


class Lookout:
    """Looks, from when it is made until it is ended. Lives on one loop."""

    def __init__(
        self,
        overview: Overview,
        signals: Signals,
        *,
        audiences: Mapping[str, Audience],
        here: Collection[JobId],
        clock: Callable[[], float],
    ) -> None:
        """Begin to look on behalf of these audiences, by owner; ``here`` are the jobs that run in this process."""
        self.users = 0
        self._overview = overview
        self._signals = signals
        self._audiences = audiences
        self._here = here
        self._clock = clock
        self._suspects: set[JobId] = set()
        self._is_anything_new = False
        self._heard: set[JobId] = set()
        self._change = asyncio.Event()
        self._is_listening = asyncio.Event()
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._over)

    @property
    def is_over(self) -> bool:
        """Whether it looks no more."""
        return self._task.done()

    async def begun(self) -> None:
        """Wait until no signal is missed any more."""
        waiting = asyncio.ensure_future(self._is_listening.wait())
        await asyncio.wait({waiting, self._task}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._task.done():
            self._task.result()

    async def end(self) -> None:
        """Look no more."""
        await end(self._task)

    def hear(self, job_id: JobId) -> None:
        """Take in that something was heard of a job, so that a look that has begun is not to be believed of it."""
        self._heard.add(job_id)

    def suspect(self, *job_ids: JobId) -> None:
        """Have jobs looked at, unless they run here."""
        others = [job_id for job_id in job_ids if job_id not in self._here]
        if others:
            self._suspects.update(others)
            self._change.set()

    async def read(self, audience: Audience, owner: str) -> None:
        """Have an audience learn what there is.

        Raises:
            DatabaseError: the database is away.
        """
        if not audience.has_learnt:
            audience.learn(await self._overview.standing(owner, self._clock() - OVERLAP))
        self.suspect(*audience.begun)

    async def _run(self) -> None:
        async with self._signals.subscribe() as topics:
            noting = asyncio.create_task(self._note(topics))
            try:
                self._is_listening.set()
                await self._keep_looking()
            finally:
                await end(noting)

    def _over(self, task: asyncio.Task[None]) -> None:
        """Have all sockets end where a bug has ended this: their clients come again, and are looked out for anew."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("what other processes do cannot be told", exc_info=error)
            for audience in self._audiences.values():
                audience.close()

    async def _note(self, topics: AsyncIterator[str]) -> None:
        async for topic in topics:
            if topic in (ANYTHING, LINE, QUEUE):
                self._is_anything_new = True
                self._change.set()
            elif job_id := job_of(topic):
                self.suspect(JobId(job_id))

    async def _keep_looking(self) -> None:
        while True:
            await self._change.wait()
            self._change.clear()
            began = time.monotonic()
            try:
                await self._look()
            except DatabaseError as error:
                log.warning("what other processes do goes untold for now: %s", error)
                self._is_anything_new = True
                self._change.set()
                await asyncio.sleep(RETRY_EVERY)
            await asyncio.sleep(max(EVERY, SHARE * (time.monotonic() - began)))

    async def _look(self) -> None:
        self._heard.clear()
        suspects, self._suspects = self._suspects, set()
        was_anything, self._is_anything_new = self._is_anything_new, False
        if was_anything:
            suspects |= await self._unlike()
        others = sorted(job_id for job_id in suspects if job_id not in self._here)
        if others:
            await self._show(others)

    async def _unlike(self) -> set[JobId]:
        """Return the jobs that are not as the audiences know them."""
        unlike: set[JobId] = set()
        for owner, audience in list(self._audiences.items()):
            unlike |= audience.suspects(await self._overview.standing(owner, self._clock() - OVERLAP))
        return unlike

    async def _show(self, job_ids: list[JobId]) -> None:
        found = await self._overview.difference(job_ids, {}, 0.0)
        concerned = [one for one in found.jobs if one.job.owner in self._audiences]
        histories = await self._histories(concerned)
        for one in concerned:
            audience = self._audiences.get(one.job.owner)
            if audience is not None and self._is_current(one.job.job_id):
                audience.see(one, histories.get(one.job.job_id), now=int(self._clock() * 1000))
        for job_id in filter(self._is_current, found.gone):
            for audience in self._audiences.values():
                audience.forget(job_id)

    async def _histories(self, found: list[LiveJob]) -> Mapping[JobId, History]:
        """Return what engines said of the jobs that have ended and that somebody listens to."""
        ended = [one.job for one in found if one.job.state.is_end]
        awaited = [job.job_id for job in ended if self._audiences[job.owner].listens_to(job)]
        return await self._overview.histories(awaited) if awaited else {}

    def _is_current(self, job_id: JobId) -> bool:
        return job_id not in self._heard and job_id not in self._here
