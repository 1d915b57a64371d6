"""Tells of each thing that happened to jobs, once: whoever keeps count asks now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.sql.judged import Judged

PAGE = 1_000
MOST = 20_000
"""So many are told of at a time, that no request takes too long; the others the next time."""
SETTLED = 10.0
"""Seconds after which nothing turns up any more that happened before: clocks differ, and a commit takes its time."""

T = TypeVar("T")


class Endings(Protocol):
    """What is asked of jobs that ended: their store."""

    async def ended_after(self, ended: float, job_id: str = "", limit: int = PAGE) -> Sequence[Job]:
        """Return the jobs that ended after that moment, or at it with a higher id; in the order in which they did."""
        ...


class Mark(NamedTuple):
    """What tells one thing that happened from all others, and its place among them."""

    at: float
    job_id: str = ""
    number: int = 0


class Once(Generic[T]):
    """Goes through what happened from a moment on. What happens again is told of again."""

    def __init__(
        self, after: Callable[[Mark, int], Awaitable[Sequence[T]]], mark_of: Callable[[T], Mark], *, since: float
    ) -> None:
        """``after`` returns what comes after a mark, in its order, and no more than so many."""
        self._after = after
        self._mark_of = mark_of
        self._since = since
        self._last = since
        self._told: dict[Mark, None] = {}
        """What was told of and may be found again."""

    async def take(self) -> list[T]:
        """Return what happened and was not told of.

        Raises:
            DatabaseUnavailableError: the database cannot be read.
        """
        found: list[T] = []
        mark = Mark(max(self._last - SETTLED, self._since))
        while len(found) < MOST:
            page = await self._after(mark, PAGE)
            found += [one for one in page if self._is_new(self._mark_of(one))]
            if len(page) < PAGE:
                break
            mark = self._mark_of(page[-1])
        self._last = max([self._last, *(self._mark_of(one).at for one in found)])
        self._told = {told: None for told in self._told if told.at >= self._last - SETTLED}
        return found

    def _is_new(self, mark: Mark) -> bool:
        if mark in self._told:
            return False
        self._told[mark] = None
        return True


def ended_jobs(store: Endings, *, since: float) -> Once[Job]:
    """Return what tells of each job that ended, from a moment on."""
    return Once(lambda mark, limit: store.ended_after(mark.at, mark.job_id, limit), end_mark, since=since)


def end_mark(job: Job) -> Mark:
    """Return the mark of a job's end: one that was retried ends again."""
    return Mark(job.ended or 0.0, job.job_id)


def take_mark(judged: Judged) -> Mark:
    """Return the mark of a take: that of a job that was begun afresh is another."""
    return Mark(judged.at, judged.job_id, judged.number)
