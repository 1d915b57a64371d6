"""Which jobs a command means: those that are named, or all that fit what is said of them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.job import ENDS, JobId, JobState
from comfy_gen.jobs.records import JobFilter, Selection
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.job import Job

PAGE = 500
"""Jobs that are read at a time."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a person said of the jobs that they mean."""

    ids: Sequence[str] = ()
    states: Sequence[str] = ()
    owner: str | None = None
    all: bool = False
    ended_before: float | None = None

    @property
    def says_all(self) -> bool:
        """Whether every job is meant, whoever it belongs to."""
        others = (self.owner, self.ended_before)
        return self.all and not (self.ids or self.states or any(one is not None for one in others))


async def selection_of(queue: JobQueue, meant: Meant) -> Selection:
    """Return the selection, with whole ids.

    Raises:
        InvalidParameterError: nothing was said, or a state that does not exist.
        JobNotFoundError: no job has such an id, or several do.
    """
    states = read_states(meant.states)
    if not (meant.ids or states or meant.owner is not None or meant.all or meant.ended_before is not None):
        advice = "list them: comfygen jobs list"
        raise InvalidParameterError("the choice of jobs", "", "an ID, --state, --owner or --all", advice)
    return Selection(await whole_ids(queue, meant.ids), states, meant.owner, meant.all, meant.ended_before)


async def whole_ids(queue: JobQueue, texts: Sequence[str]) -> list[JobId]:
    """Return the ids that begin so, each once.

    Raises:
        JobNotFoundError: no job's does, or several jobs' do.
    """
    found = await asyncio.gather(*(queue.job(text) for text in texts))
    return list(dict.fromkeys(job.job_id for job in found))


def read_states(texts: Sequence[str]) -> list[JobState]:
    """Return states by their names; ``active`` and ``ended`` stand for several.

    Raises:
        InvalidParameterError: there is none of this name; with the nearest.
    """
    found: list[JobState] = []
    for text in texts:
        name = text.strip().lower()
        if name not in STATES:
            nearest = ", ".join(nearest_names(name, STATES, 3))
            raise InvalidParameterError("state", text, f"one of {', '.join(STATES)}", f"nearest: {nearest}.")
        found += STATES[name]
    return list(dict.fromkeys(found))


def seconds_of(age: str) -> float:
    """Return how long an age such as ``12h`` or ``30d`` is.

    Raises:
        InvalidParameterError: it is none.
    """
    found = re.fullmatch(r"([0-9]{1,6})([smhdw])", age.strip().lower())
    if found is None:
        raise InvalidParameterError("the age", age, "a number with s, m, h, d or w, such as 30d")
    return int(found[1]) * _UNITS[found[2]]


_UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
STATES: dict[str, list[JobState]] = {
    **{str(state): [state] for state in JobState},
    "active": [state for state in JobState if state.is_active],
    "ended": [state for state in JobState if state.is_end],
}
"""What a person may call a state, or several of them."""

OPEN = [state for state in JobState if state not in ENDS]
"""The states of jobs that have yet to end."""


async def every_job(queue: JobQueue, wanted: JobFilter, limit: int | None = None) -> AsyncIterator[Job]:
    """Yield the jobs that fit, newest first; all of them without a limit."""
    cursor: str | None = None
    left = limit
    while left is None or left > 0:
        page = await queue.store.list(wanted, PAGE if left is None else min(left, PAGE), cursor)
        for job in page.jobs:
            yield job
        left = None if left is None else left - len(page.jobs)
        cursor = page.next
        if cursor is None:
            return
