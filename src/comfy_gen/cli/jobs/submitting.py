"""Does what ``comfygen jobs submit`` was asked for, and says what came of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from comfy_gen.app.artifacts import open_artifacts
from comfy_gen.cli.failures import print_json
from comfy_gen.cli.jobs.json import artifact_json, job_json
from comfy_gen.cli.jobs.save import save
from comfy_gen.cli.jobs.submission import read_files, requests_of
from comfy_gen.cli.jobs.table import short_ids, style_of
from comfy_gen.cli.jobs.view import shortfall_of
from comfy_gen.cli.jobs.watch import wait, watch
from comfy_gen.cli.signals import run_interruptible
from comfy_gen.jobs.job import MADE, JobState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.app import JobQueue
    from comfy_gen.cli.jobs.submission import Asked
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.records import Accepted

STDERR = Console(stderr=True)
SHOWN = 10
"""How many jobs are named."""
IN_BUCKET = "a file in the bucket; to have it here: comfygen jobs save"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to happen once the jobs are accepted, and what is to be said of it."""

    waits: bool = False
    folder: str | None = None
    quiet: bool = False
    as_json: bool = False
    told: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the JSON document has besides the jobs."""

    @property
    def for_people(self) -> bool:
        """Whether words, bars and tables are wanted."""
        return not (self.quiet or self.as_json)


async def submit_files(queue: JobQueue, files: Sequence[str], asked: Asked, wanted: Wanted) -> int:
    """Have the files accepted, wait for the jobs if that is wanted, and return the exit code.

    Raises:
        ComfyGenError: what stands against them.
    """
    reads = await read_files(files, asked, await queue.engines(), queue.settings.client_options())
    accepted = await queue.submit(requests_of(reads, asked))
    notes = [note if len(reads) == 1 else f"{read.file}: {note}" for read in reads for note in read.notes]
    return await follow(queue, accepted, notes, wanted)


async def follow(queue: JobQueue, accepted: Sequence[Accepted], notes: Sequence[str], wanted: Wanted) -> int:
    """Say what was accepted, wait for the jobs if that is wanted, and return the exit code."""
    if wanted.for_people:
        for note in dict.fromkeys(notes):
            STDERR.print(f"Note: {note}.", style="dim", markup=False, highlight=False, soft_wrap=True)
    if not wanted.waits:
        await _tell_accepted(queue, accepted, notes, wanted)
        return 0
    return await run_interruptible(
        _wait(queue, accepted, notes, wanted),
        on_signal=lambda: None,
        on_end=lambda: _tell_interrupted([one.job for one in accepted], wanted),
    )


async def _tell_accepted(queue: JobQueue, accepted: Sequence[Accepted], notes: Sequence[str], wanted: Wanted) -> None:
    if wanted.as_json:
        shown = [job_json(one.job) | {"is_replay": one.is_replay} for one in accepted]
        print_json({**wanted.told, "jobs": shown, "notes": [*notes]})
    elif wanted.quiet:
        _write(one.job.job_id for one in accepted)
    else:
        await _print_accepted(queue, accepted)


async def _print_accepted(queue: JobQueue, accepted: Sequence[Accepted]) -> None:
    console = Console()
    ids = short_ids(one.job.job_id for one in accepted)
    for one in accepted[:SHOWN]:
        place = await queue.store.position(one.job.job_id)
        where = "was accepted before" if one.is_replay else f"#{place:,} in the queue" if place else ""
        said = Text.assemble(
            ("Accepted ", "green"), (ids[one.job.job_id], "bold"), f"  {one.job.title}  ", (where, "dim")
        )
        console.print(said, soft_wrap=True)
    if len(accepted) > SHOWN:
        console.print(f"… and {len(accepted) - SHOWN:,} more", style="dim", highlight=False)


async def _wait(queue: JobQueue, accepted: Sequence[Accepted], notes: Sequence[str], wanted: Wanted) -> int:
    jobs = list({one.job.job_id: one.job for one in accepted}.values())
    code = await (watch(queue, jobs) if wanted.for_people else wait(queue, jobs))
    ended = [await queue.store.get(job.job_id) for job in jobs]
    saved: dict[str, Sequence[Path | None]] = {job.job_id: await _paths(queue, job, wanted.folder) for job in ended}
    if wanted.as_json:
        shown = [await _ended_json(queue, job, saved[job.job_id]) for job in ended]
        print_json({**wanted.told, "jobs": shown, "notes": [*notes]})
    elif wanted.quiet:
        _write(str(path) for paths in saved.values() for path in paths if path is not None)
    else:
        _print_ended(ended, saved)
    return code


async def _paths(queue: JobQueue, job: Job, folder: str | None) -> Sequence[Path | None]:
    """Return where a job's files are, once they were copied if that is wanted; None for what is in a bucket alone."""
    artifacts = await queue.store.artifacts(job.job_id)
    if folder is not None:
        return await save(await open_artifacts(queue.settings), artifacts, Path(folder))
    return [queue.artifact_path(artifact) for artifact in artifacts]


async def _ended_json(queue: JobQueue, job: Job, saved: Sequence[Path | None]) -> dict[str, Any]:
    artifacts = await queue.store.artifacts(job.job_id)
    return {**job_json(job), "artifacts": [artifact_json(*pair) for pair in zip(artifacts, saved, strict=True)]}


def _print_ended(jobs: Sequence[Job], saved: Mapping[str, Sequence[Path | None]]) -> None:
    console, ids = Console(), short_ids(job.job_id for job in jobs)
    for job in jobs:
        head = Text.assemble((ids[job.job_id], "bold"), " ", (str(job.state), style_of(job)))
        for path in saved[job.job_id]:
            console.print(Text.assemble(head, f" {path or IN_BUCKET}"), soft_wrap=True)
        if said := shortfall_of(job.quality if job.state in MADE else None):
            console.print(Text.assemble(head, f": {said}"), soft_wrap=True)
        if job.failure is not None and job.state is not JobState.COMPLETED:
            console.print(Text.assemble(head, f" {job.failure.message}. {job.failure.hint}"), soft_wrap=True)


def _tell_interrupted(jobs: Sequence[Job], wanted: Wanted) -> None:
    if wanted.quiet:
        return
    named = " ".join(short_ids(job.job_id for job in jobs[:SHOWN]).values())
    said = f"Interrupted; {'the job goes' if len(jobs) == 1 else 'the jobs go'} on: comfygen jobs watch {named}"
    STDERR.print(said, style="yellow", markup=False, highlight=False, soft_wrap=True)


def _write(lines: Any) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
