"""Gathers how far the attempts are, and has the store told a few times a second: never a write for each step."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from comfy_gen.jobs.job import JobId
    from comfy_gen.jobs.records import Report

EVERY = 0.25
"""Seconds between two tellings: enough for a bar that moves smoothly."""


class Reports:
    """The newest report of each job."""

    def __init__(self, tell: Callable[[Sequence[Report]], Awaitable[object]], *, every: float = EVERY) -> None:
        self._tell = tell
        self._every = every
        self._newest: dict[JobId, Report] = {}
        self._some = asyncio.Event()

    def put(self, report: Report) -> None:
        """Take in a report; an older one of the same job is forgotten."""
        self._newest[report.job_id] = report
        self._some.set()

    def drop(self, job_id: JobId) -> None:
        """Forget what is not told yet of a job: its end says more."""
        self._newest.pop(job_id, None)

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            await self._some.wait()
            await self.flush()
            await asyncio.sleep(self._every)

    async def flush(self) -> None:
        """Tell all that is new."""
        reports, self._newest = list(self._newest.values()), {}
        self._some.clear()
        if reports:
            await self._tell(reports)
