"""Cancels jobs that take longer than their requests allow: whoever accepted them, and after a restart, too."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from comfy_gen.errors import DatabaseError, JobError
from comfy_gen.jobs.ending import end
from comfy_gen.jobs.endpoint import is_overdue
from comfy_gen.jobs.job import ENDS, JobState
from comfy_gen.jobs.records import JobFilter, Selection

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.store import JobStore

log = logging.getLogger(__name__)

BOUNDED = "runpod_bounded"
"""The label of jobs that have a deadline."""
EVERY = 1.0
"""Seconds between two looks, as long as there are such jobs."""
_PAGE = 500
_GOING = tuple(state for state in JobState if state not in ENDS)


class Deadlines:
    """Looks after jobs with deadlines. One for each service."""

    def __init__(self, store: JobStore, *, every: float = EVERY) -> None:
        self._store = store
        self._every = every
        self._may_be_there = asyncio.Event()
        self._may_be_there.set()  # from before this process was started

    def note(self) -> None:
        """Look: there is a job with a deadline."""
        self._may_be_there.set()

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """Keep to deadlines in this block."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            await end(watching)

    async def _watch(self) -> None:
        while True:
            await self._may_be_there.wait()
            self._may_be_there.clear()
            try:
                if await self.look(now=time.time()):
                    self._may_be_there.set()
            except DatabaseError as error:
                log.warning("deadlines wait: %s", error)
                self._may_be_there.set()
            await asyncio.sleep(self._every)

    async def look(self, *, now: float) -> bool:
        """Cancel what is overdue, and tell whether there are any jobs with deadlines.

        Raises:
            DatabaseError: the jobs cannot be read or written.
        """
        is_any = False
        async for job in self._going():
            is_any = True
            if is_overdue({"metadata": job.metadata, "created": job.created, "started": job.started}, now=now):
                await self._cancel(job)
        return is_any

    async def _going(self) -> AsyncIterator[Job]:
        wanted = JobFilter(states=_GOING, labels={BOUNDED: "yes"}, is_cancelling=False)
        cursor: str | None = None
        while True:
            page = await self._store.list(wanted, _PAGE, cursor)
            for job in page.jobs:
                yield job
            if (cursor := page.next) is None:
                return

    async def _cancel(self, job: Job) -> None:
        try:
            await self._store.cancel(Selection([job.job_id]), now=time.time())
            log.info("job %s took longer than its request allows", job.job_id)
        except JobError:
            pass  # it has ended, or is gone
