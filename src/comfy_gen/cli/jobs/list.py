"""Lists jobs for ``comfygen jobs list``: once, or again and again."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from comfy_gen.cli.failures import print_json
from comfy_gen.cli.jobs.json import job_json
from comfy_gen.cli.jobs.selection import every_job
from comfy_gen.cli.jobs.table import headline, job_table
from comfy_gen.jobs.job import JobState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.records import JobFilter

EVERY = 1.0
"""Seconds between two looks of ``--watch``."""
PLACED = 1000
"""So many jobs at most are told their place in the line: each is a question to the database."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look showed."""

    jobs: Sequence[Job]
    positions: Mapping[str, int | None]
    counts: Mapping[JobState, int]
    is_paused: bool
    now: float

    def as_json(self) -> dict[str, Any]:
        """Return it as ``--json`` prints it."""
        return {
            "jobs": [job_json(job, position=self.positions.get(job.job_id)) for job in self.jobs],
            "counts": {str(state): number for state, number in self.counts.items()},
            "paused": self.is_paused,
        }

    def as_text(self) -> RenderableType:
        """Return it for a terminal."""
        title = Text(headline(self.counts, is_paused=self.is_paused), style="bold", no_wrap=True, overflow="ellipsis")
        return Group(title, job_table(self.jobs, self.positions, now=self.now)) if self.jobs else title


async def look(queue: JobQueue, wanted: JobFilter, limit: int | None) -> Seen:
    """Return the jobs that fit, newest first, and how it stands with all."""
    jobs = [job async for job in every_job(queue, wanted, limit)]
    waiting = [job.job_id for job in jobs if job.state is JobState.QUEUED and not job.is_held][:PLACED]
    places = await asyncio.gather(*(queue.store.position(job_id) for job_id in waiting))
    positions: dict[str, int | None] = dict(zip(waiting, places, strict=True))
    return Seen(jobs, positions, await queue.store.count(), await queue.store.is_paused(), time.time())


async def show(queue: JobQueue, wanted: JobFilter, limit: int | None, *, as_json: bool) -> None:
    """Print the jobs that fit."""
    seen = await look(queue, wanted, limit)
    print_json(seen.as_json()) if as_json else Console().print(seen.as_text())


async def keep_showing(queue: JobQueue, wanted: JobFilter, limit: int | None, *, as_json: bool) -> None:
    """Print the jobs that fit, and again as they change, until cancelled."""
    if as_json:
        while True:
            print_json((await look(queue, wanted, limit)).as_json(), indent=False)
            await asyncio.sleep(EVERY)
    console = Console()
    with Live(console=console, auto_refresh=False) as live:
        while True:
            fitting = min(limit or console.height, max(console.height - 3, 1))  # more would scroll away
            live.update((await look(queue, wanted, fitting)).as_text(), refresh=True)
            await asyncio.sleep(EVERY)
