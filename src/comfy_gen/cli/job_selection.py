"""Which jobs a command means: those that are named, or all that fit what is said of them."""

from __future__ import annotations

import asyncio
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

    @property
    def says_all(self) -> bool:
        """Whether every job is meant, whoever it belongs to."""
        return self.all and not (self.ids or self.states or self.owner is not None)


async def selection_of(queue: JobQueue, meant: Meant) -> Selection:
    """Return the selection, with whole ids.

    Raises:
        InvalidParameterError: nothing was said, or a state that does not exist.
        JobNotFoundError: no job has such an id, or several do.
    """
    states = read_states(meant.states)
    if not (meant.ids or states or meant.owner is not None or meant.all):
        advice = "list them: comfygen jobs list"
        raise InvalidParameterError("the choice of jobs", "", "an ID, --state, --owner or --all", advice)
    return Selection(await whole_ids(queue, meant.ids), states, meant.owner, meant.all)


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
