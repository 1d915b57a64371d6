"""Brings what happens to jobs to those who listen: what this process does at once, what others do when it is seen.

Of jobs that run here the relay tells all. The store is looked at for the others, when it says that something changed.
Nothing of this runs so long as nobody listens.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from comfy_gen.api.dialects.comfyui.audience import Audience
from comfy_gen.api.dialects.comfyui.story import Ending
from comfy_gen.errors import DatabaseError
from comfy_gen.jobs.ending import end
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.overview import Overview
from comfy_gen.jobs.relay import Accepted, Begun, Left, Over, Said
from comfy_gen.jobs.signals import ANYTHING, LINE, QUEUE, job_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping

    from comfy_gen.api.dialects.comfyui.outgoing import Outgoing
    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.history import History
    from comfy_gen.jobs.live import LiveJob
    from comfy_gen.jobs.relay import Passed

log = logging.getLogger(__name__)

OVERLAP = 60.0
"""Seconds by which the clocks of two machines may differ."""
EVERY = 0.02
"""Seconds between two looks at the store, at least."""
SHARE = 10
"""What looks take is no more than one part in so many: a long queue takes long to read."""
RETRY_EVERY = 1.0
"""Seconds until the next look after one that failed."""


class Broadcast:
    """All who listen in this process. Lives on one loop."""

    def __init__(self, queue: JobQueue, *, clock: Callable[[], float] = time.time) -> None:
        self._relay, self._signals = queue.relay, queue.signals
        self._overview = Overview(queue.store.transactions)
        self._clock = clock
        self._audiences: dict[str, Audience] = {}
        self._users = 0
        self._task: asyncio.Task[None] | None = None
        self._is_listening = asyncio.Event()
        self._change = asyncio.Event()
        self._suspects: set[JobId] = set()
        self._is_anything_new = False
        self._touched: set[JobId] = set()
        """Jobs of which more was heard during a look than it will show."""

    @asynccontextmanager
    async def join(self, owner: str, client_id: str) -> AsyncGenerator[Outgoing]:
        """Have a socket of an owner's be told in this block what its client is told.

        Raises:
            DatabaseError: the database is away.
        """
        async with self._listening():
            audience = await self._audience(owner)
            here = [one for one in self._relay.running.values() if one.job.owner == owner]
            outgoing = audience.join(client_id, here)
            self._suspect(*audience.begun)
            try:
                yield outgoing
            finally:
                audience.leave(client_id, outgoing)
                if audience.is_empty and self._audiences.get(owner) is audience:
                    del self._audiences[owner]

    def stop(self) -> None:
        """Have all sockets end: the process is about to."""
        for audience in self._audiences.values():
            audience.close()

    # --- who listens

    @asynccontextmanager
    async def _listening(self) -> AsyncGenerator[None]:
        self._users += 1
        try:
            if self._task is None:
                self._task = asyncio.create_task(self._run())
            await self._is_listening.wait()
            yield
        finally:
            self._users -= 1
            if not self._users and self._task is not None:
                task, self._task = self._task, None
                self._is_listening.clear()
                await end(task)

    async def _audience(self, owner: str) -> Audience:
        """Return an owner's audience; one that is not there yet learns first what there is."""
        found = self._audiences.get(owner)
        if found is not None and not found.is_empty:
            return found
        audience = self._audiences.setdefault(owner, Audience())  # what happens meanwhile is told it
        audience.learn(await self._overview.standing(owner, self._clock() - OVERLAP))
        return self._audiences.setdefault(owner, audience)

    # --- what this process does

    def _hear(self, passed: Passed) -> None:
        if isinstance(passed, Said):
            audience = self._audiences.get(passed.running.job.owner)
            if audience is not None:
                audience.hear(passed.running, passed.frame)
            return
        job = passed.job if isinstance(passed, Accepted) else passed.running.job
        self._touched.add(job.job_id)
        audience = self._audiences.get(job.owner)
        if audience is not None:
            self._take_in(passed, audience)

    def _take_in(self, passed: Accepted | Begun | Left | Over, audience: Audience) -> None:
        match passed:
            case Accepted(job):
                audience.accept(job.job_id)
            case Begun(running):
                audience.begin(running.job.job_id)
            case Left(running):
                audience.again(running.job.job_id)
            case Over(running, finish):
                ending = Ending(finish.state, finish.failure, finish.history)
                audience.end(running.job, ending, now=self._now())

    def _now(self) -> int:
        return int(self._clock() * 1000)

    # --- what others do

    async def _run(self) -> None:
        with self._relay.listen(self._hear):
            async with self._signals.subscribe() as topics:
                noting = asyncio.create_task(self._note(topics))
                try:
                    self._is_listening.set()
                    await self._keep_looking()
                finally:
                    await end(noting)

    async def _note(self, topics: AsyncIterator[str]) -> None:
        async for topic in topics:
            if topic in (ANYTHING, LINE, QUEUE):
                self._is_anything_new = True
                self._change.set()
            elif job_id := job_of(topic):
                self._suspect(JobId(job_id))

    def _suspect(self, *job_ids: JobId) -> None:
        others = [job_id for job_id in job_ids if job_id not in self._relay.running]
        if others:
            self._suspects.update(others)
            self._change.set()

    async def _keep_looking(self) -> None:
        while True:
            await self._change.wait()
            self._change.clear()
            began = time.monotonic()
            try:
                await self._look()
            except DatabaseError as error:
                log.warning("prompts of other processes go untold for now: %s", error)
                self._is_anything_new = True
                self._change.set()
                await asyncio.sleep(RETRY_EVERY)
            await asyncio.sleep(max(EVERY, SHARE * (time.monotonic() - began)))

    async def _look(self) -> None:
        self._touched.clear()
        suspects, self._suspects = self._suspects, set()
        was_anything, self._is_anything_new = self._is_anything_new, False
        if was_anything:
            for owner, audience in list(self._audiences.items()):
                standing = await self._overview.standing(owner, self._clock() - OVERLAP)
                suspects |= audience.suspects(standing)
        suspects = {job_id for job_id in suspects if job_id not in self._relay.running}
        if suspects:
            await self._show(sorted(suspects))

    async def _show(self, suspects: list[JobId]) -> None:
        found = await self._overview.difference(suspects, {}, 0.0)
        concerned = [one for one in found.jobs if one.job.owner in self._audiences]
        ended = [one.job.job_id for one in concerned if one.job.state.is_end and self._is_awaited(one)]
        histories: Mapping[JobId, History] = await self._overview.histories(ended) if ended else {}
        for one in concerned:
            audience = self._audiences.get(one.job.owner)
            if audience is not None and self._is_current(one.job.job_id):
                audience.see(one, histories.get(one.job.job_id), now=self._now())
        for job_id in filter(self._is_current, found.gone):
            for audience in self._audiences.values():
                audience.forget(job_id)

    def _is_awaited(self, one: LiveJob) -> bool:
        return self._audiences[one.job.owner].listens_to(one.job)

    def _is_current(self, job_id: JobId) -> bool:
        """Tell whether nothing newer than the look was heard of a job."""
        return job_id not in self._touched and job_id not in self._relay.running
