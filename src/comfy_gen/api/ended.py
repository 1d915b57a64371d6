"""Tells of each job that ended, once: whoever keeps count asks now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.jobs.job import Job

PAGE = 1_000
MOST = 20_000
"""So many jobs are told of at a time, that no request takes too long; the others the next time."""
SETTLED = 10.0
"""Seconds after which no job turns up any more that ended before: clocks differ, and a commit takes its time."""


class Endings(Protocol):
    """What is asked: the store of jobs."""

    async def ended_after(self, ended: float, job_id: str = "", limit: int = PAGE) -> Sequence[Job]:
        """Return the jobs that ended after that moment, or at it with a higher id; in the order in which they did."""
        ...


class EndedJobs:
    """Goes through the ends of jobs from a moment on. A job that was retried ends again."""

    def __init__(self, store: Endings, *, since: float) -> None:
        self._store = store
        self._since = since
        self._last = since
        self._told: dict[tuple[str, float], None] = {}
        """The ends that were told of and may be found again."""

    async def take(self) -> list[Job]:
        """Return the jobs that ended and were not told of.

        Raises:
            DatabaseUnavailableError: the database cannot be read.
        """
        found: list[Job] = []
        ended, job_id = max(self._last - SETTLED, self._since), ""
        while len(found) < MOST:
            page = await self._store.ended_after(ended, job_id, PAGE)
            found += [job for job in page if self._is_new(job)]
            if len(page) < PAGE:
                break
            ended, job_id = page[-1].ended or ended, page[-1].job_id
        self._last = max([self._last, *(job.ended or 0.0 for job in found)])
        self._told = {end: None for end in self._told if end[1] >= self._last - SETTLED}
        return found

    def _is_new(self, job: Job) -> bool:
        end = (job.job_id, job.ended or 0.0)
        if end in self._told:
            return False
        self._told[end] = None
        return True
