"""Brings what happens to jobs to those who listen: at once what happens in this process, what others do when seen.

Nothing of this runs so long as nobody listens.
"""

from __future__ import annotations

import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from comfy_gen.api.dialects.comfyui.audience import Audience
from comfy_gen.api.dialects.comfyui.lookout import Lookout
from comfy_gen.api.dialects.comfyui.story import Ending
from comfy_gen.jobs.overview import Overview
from comfy_gen.jobs.relay import Accepted, Begun, Left, Over, Said

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from comfy_gen.api.dialects.comfyui.outgoing import Outgoing
    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.relay import Passed


class Broadcast:
    """All who listen in this process. Lives on one loop."""

    def __init__(self, queue: JobQueue, *, clock: Callable[[], float] = time.time) -> None:
        self._relay, self._signals = queue.relay, queue.signals
        self._overview = Overview(queue.store.transactions)
        self._clock = clock
        self._audiences: dict[str, Audience] = {}
        self._lookout: Lookout | None = None

    @asynccontextmanager
    async def join(self, owner: str, client_id: str) -> AsyncGenerator[Outgoing]:
        """Have a socket of an owner's be told in this block what its client is told.

        Raises:
            DatabaseError: the database is away.
        """
        async with self._looking() as lookout:
            with self._gathering(owner) as audience:
                await lookout.read(audience, owner)
                here = [one for one in self._relay.running.values() if one.job.owner == owner]
                outgoing = audience.join(client_id, here)
                try:
                    yield outgoing
                finally:
                    audience.leave(client_id, outgoing)

    def stop(self) -> None:
        """Have all sockets end: the process is about to."""
        for audience in self._audiences.values():
            audience.close()

    @asynccontextmanager
    async def _looking(self) -> AsyncGenerator[Lookout]:
        lookout = self._lookout
        if lookout is None or lookout.is_over:
            lookout = self._lookout = Lookout(
                self._overview,
                self._signals,
                audiences=self._audiences,
                here=self._relay.running.keys(),
                clock=self._clock,
            )
        lookout.users += 1
        try:
            await lookout.begun()
            yield lookout
        finally:
            lookout.users -= 1
            if not lookout.users:
                self._lookout = None if self._lookout is lookout else self._lookout
                await lookout.end()

    @contextmanager
    def _gathering(self, owner: str) -> Generator[Audience]:
        """Give an owner's audience, which is told what happens from here on for as long as anybody is in such a block.

        Before the first of them nothing is heard, and nothing after the last.
        """
        audience = self._audiences.setdefault(owner, Audience())
        audience.users += 1
        try:
            self._relay.listen(self._hear)
            yield audience
        finally:
            audience.users -= 1
            if not audience.users:
                del self._audiences[owner]
            if not self._audiences:
                self._relay.ignore(self._hear)

    def _hear(self, passed: Passed) -> None:
        if isinstance(passed, Said):
            audience = self._audiences.get(passed.running.job.owner)
            if audience is not None:
                audience.hear(passed.running, passed.frame)
            return
        job = passed.job if isinstance(passed, Accepted) else passed.running.job
        if self._lookout is not None:
            self._lookout.hear(job.job_id)
        if job.owner in self._audiences:
            self._take_in(passed, self._audiences[job.owner])

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
                audience.end(running.job, ending, now=int(self._clock() * 1000))
