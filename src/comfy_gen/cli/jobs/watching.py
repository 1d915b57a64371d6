"""Does what ``comfygen jobs watch`` was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.cli.jobs.selection import OPEN, every_job, whole_ids
from comfy_gen.cli.jobs.watch import stream, watch
from comfy_gen.cli.signals import run_interruptible
from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.records import JobFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.job import Job


async def watch_chosen(queue: JobQueue, ids: Sequence[str], *, says_all: bool, after: int, as_json: bool) -> int:
    """Watch the jobs that are named, or all that have yet to end, and return the exit code.

    Raises:
        InvalidParameterError: no job is said to be meant, or several where the numbers of one are given.
        JobNotFoundError: a job that is named does not exist.
    """
    if bool(ids) is says_all:
        raise InvalidParameterError("the choice of jobs", " ".join(ids), "either IDs or --all")
    jobs = await _chosen(queue, ids)
    if after and not (as_json and len(jobs) == 1):
        raise InvalidParameterError("after", after, "given with --json and one job: each has numbers of its own")
    if not (jobs or as_json):
        Console(stderr=True).print("Every job has ended.", highlight=False)
    work = stream(queue, jobs, after=after) if as_json else watch(queue, jobs)
    return await run_interruptible(work, on_signal=lambda: None, on_end=lambda: None)


async def _chosen(queue: JobQueue, ids: Sequence[str]) -> list[Job]:
    if ids:
        return [await queue.store.get(job_id) for job_id in await whole_ids(queue, ids)]
    found = [job async for job in every_job(queue, JobFilter(states=OPEN))]
    return found[::-1]
