"""Does what people want done with jobs: cancel, hold, release, retry, give another priority."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.app.artifacts import open_artifacts
from comfy_gen.app.deleting import delete_jobs
from comfy_gen.cli.failures import EXIT_FAILURE, print_json
from comfy_gen.cli.jobs.json import job_json
from comfy_gen.cli.jobs.selection import selection_of
from comfy_gen.cli.jobs.table import short_ids, state_of
from comfy_gen.jobs.job import ENDS, RETRIABLE
from comfy_gen.jobs.records import Selection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.cli.jobs.selection import Meant
    from comfy_gen.config import Settings
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Job, JobState
    from comfy_gen.jobs.store import JobStore

SHOWN = 10
"""How many jobs are named."""


@dataclass(frozen=True, slots=True)
class Verb:
    """Something to do with jobs, and how it is told."""

    done: str
    """As in "3 jobs cancelled"."""
    do: Callable[[JobStore, Selection, float], Awaitable[Sequence[Job]]]
    is_final: bool = False
    """Whether a person is asked before it is done to any but named jobs."""
    spared: frozenset[JobState] = frozenset()
    """Favorites in these states are left alone."""


def cancelling() -> Verb:
    """Return the verb that stops jobs for good."""
    return Verb("cancelled", lambda store, which, now: store.cancel(which, now=now))


def retrying() -> Verb:
    """Return the verb that begins jobs afresh."""
    return Verb("queued again", lambda store, which, now: store.retry(which, now=now), spared=RETRIABLE)


def holding() -> Verb:
    """Return the verb that takes jobs out of the line."""
    return Verb("paused", lambda store, which, now: store.hold(which, now=now))


def releasing() -> Verb:
    """Return the verb that puts jobs back into the line."""
    return Verb("resumed", lambda store, which, now: store.release(which, now=now))


def reprioritising(priority: int) -> Verb:
    """Return the verb that gives jobs another priority."""
    return Verb(f"given priority {priority}", lambda store, which, now: store.reprioritise(which, priority, now=now))


def deleting(settings: Settings) -> Verb:
    """Return the verb that forgets jobs that have ended, and deletes their files."""

    async def delete(store: JobStore, which: Selection, now: float) -> Sequence[Job]:
        del now
        return await delete_jobs(store, await open_artifacts(settings), which)

    return Verb("deleted", delete, is_final=True, spared=ENDS)


async def control(queue: JobQueue, meant: Meant, verb: Verb, *, as_json: bool) -> int:
    """Do it, say what was done, and return the exit code: 1 where a job that was named is as it was.

    Raises:
        InvalidParameterError: no job was said to be meant.
        JobError: a job does not exist, or the only one is in no state for it.
    """
    selection = await selection_of(queue, meant)
    changed = await verb.do(queue.store, selection, time.time())
    touched = {job.job_id for job in changed}
    left = [await queue.store.get(job_id) for job_id in selection.job_ids if job_id not in touched]
    kept = await _favorites(queue, selection, left, verb)
    if as_json:
        more = {"favorites": [*kept]} if kept else {}
        print_json({"jobs": [job_json(job) for job in changed], "unchanged": [job_json(job) for job in left], **more})
    else:
        _tell(changed, [job for job in left if job.job_id not in set(kept)], verb)
        _tell_kept(kept)
    return EXIT_FAILURE if left else 0


async def switch(queue: JobQueue, *, is_paused: bool, as_json: bool) -> None:
    """Have the whole queue rest, or go on."""
    await queue.store.set_paused(is_paused)
    if as_json:
        print_json({"paused": is_paused})
        return
    resting = "The queue is paused: no job starts. Those that run go on."
    Console().print(resting if is_paused else "The queue goes on.", highlight=False)


def is_sure(meant: Meant, name: str, *, is_final: bool = False) -> bool:
    """Tell whether it may be done; a person at the terminal is asked where they mean all jobs, or what is final."""
    is_grave = meant.says_all or (is_final and not meant.ids)
    if not is_grave or not sys.stdin.isatty():
        return True
    import typer  # noqa: PLC0415  # for people only

    return typer.confirm(f"Really {name} all jobs?" if meant.says_all else f"Really {name} these jobs and their files?")


def _tell(changed: Sequence[Job], left: Sequence[Job], verb: Verb) -> None:
    console = Console()
    ids = short_ids(job.job_id for job in (*changed, *left))
    if changed or not left:
        said = f"{len(changed):,} {'job' if len(changed) == 1 else 'jobs'} {verb.done}"
        console.print(f"{said}{_named(changed, ids)}", highlight=False, markup=False, soft_wrap=True)
    ending = sum(job.is_cancelling and not job.state.is_end for job in changed)
    if ending:
        console.print(f"Running: {ending:,}, to stop as soon as the engine hears of it.", highlight=False)
    for job in left:
        console.print(f"{ids[job.job_id]} is {state_of(job)}: nothing was changed.", highlight=False, markup=False)


async def _favorites(queue: JobQueue, selection: Selection, left: Sequence[Job], verb: Verb) -> Sequence[JobId]:
    """Return the jobs that were left alone because they are favorites."""
    among = Selection([job.job_id for job in left]) if selection.job_ids else selection
    is_any = verb.spared and (left or not selection.job_ids)
    return await queue.store.favorites(among, verb.spared) if is_any else ()


def _tell_kept(kept: Sequence[JobId]) -> None:
    if kept:
        favorites = "favorite is" if len(kept) == 1 else "favorites are"
        Console().print(f"{len(kept):,} {favorites} left alone.", highlight=False)


def _named(jobs: Sequence[Job], ids: dict[str, str]) -> str:
    if not jobs:
        return ""
    more = f" and {len(jobs) - SHOWN:,} more" if len(jobs) > SHOWN else ""
    return f": {', '.join(ids[job.job_id] for job in jobs[:SHOWN])}{more}"
