"""The jobs that wait, in the order in which they shall run; some only from a given time on. Pure."""

from __future__ import annotations

import itertools
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfy_gen.batch.job import Job

FAR = 100
"""How many jobs are passed over at most in the search for one that is accepted."""

_Entry = tuple[float, int, int, int, str]
"""When it may run at the earliest, its priority turned round, its place, the ticket, the job's id."""


class Backlog:
    """Waiting jobs: the highest priority first, then in the order in which they first came."""

    def __init__(self) -> None:
        self._ready: list[_Entry] = []
        self._later: list[_Entry] = []
        self._waiting: dict[str, tuple[int, Job]] = {}
        self._places: dict[str, int] = {}
        self._count = itertools.count()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, job: Job, *, not_before: float = 0.0) -> None:
        """Have a job wait. One that was here before gets its old place among its equals."""
        ticket = next(self._count)
        place = self._places.setdefault(job.job_id, ticket)
        self._waiting[job.job_id] = (ticket, job)
        heappush(self._later, (not_before, -job.priority, place, ticket, job.job_id))

    def remove(self, job: Job) -> bool:
        """Take a job out for good; tell whether it was waiting."""
        self._places.pop(job.job_id, None)
        return self._waiting.pop(job.job_id, None) is not None  # its entry is passed over later

    def take(self, now: float, accepts: Callable[[Job], bool]) -> Job | None:
        """Take out the first job that may run now and is accepted."""
        self._ripen(now)
        passed: list[_Entry] = []
        found: Job | None = None
        while self._ready and found is None and len(passed) < FAR:
            entry = heappop(self._ready)
            job = self._job_of(entry)
            if job is not None and accepts(job):
                del self._waiting[job.job_id]
                found = job
            elif job is not None:
                passed.append(entry)
        for entry in passed:
            heappush(self._ready, entry)
        return found

    def next_moment(self) -> float | None:
        """Return when the next job may run that may not yet."""
        return self._later[0][0] if self._later else None

    def drain(self) -> list[Job]:
        """Take out all that wait, in the order of their places."""
        jobs = [job for _, job in sorted(self._waiting.values(), key=lambda pair: pair[0])]
        self._ready.clear()
        self._later.clear()
        self._waiting.clear()
        return jobs

    def forget(self, job: Job) -> None:
        """Forget the place of a job that has ended."""
        self._places.pop(job.job_id, None)

    def _ripen(self, now: float) -> None:
        """Put those whose time has come among the others, and drop the entries of those who left."""
        while self._later and (self._later[0][0] <= now or self._job_of(self._later[0]) is None):
            entry = heappop(self._later)
            if self._job_of(entry) is not None:
                heappush(self._ready, (0.0, *entry[1:]))
        while self._ready and self._job_of(self._ready[0]) is None:
            heappop(self._ready)

    def _job_of(self, entry: _Entry) -> Job | None:
        ticket, job = self._waiting.get(entry[4], (-1, None))
        return job if ticket == entry[3] else None
