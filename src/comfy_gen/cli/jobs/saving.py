"""Does what ``comfygen jobs save`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.app.artifacts import open_artifacts
from comfy_gen.cli.failures import print_json
from comfy_gen.cli.jobs.save import save
from comfy_gen.cli.jobs.selection import whole_ids
from comfy_gen.cli.jobs.table import short_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.app import JobQueue


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the files are to be copied, and which."""

    folder: str
    overwrite: bool = False
    every_take: bool = False
    """Whether those of all takes are wanted; else those of the best."""
    as_json: bool = False


async def save_jobs(queue: JobQueue, texts: Sequence[str], wanted: Wanted) -> None:
    """Copy the files of jobs into a folder, and say where they are.

    Raises:
        JobNotFoundError: a job that is named does not exist.
        OutputPathError: the folder cannot be written, or something else is there under such a name.
        ArtifactGoneError: a file is not in the store any more.
        StorageError: the store cannot be reached.
    """
    ids = await whole_ids(queue, texts)
    store, target = await open_artifacts(queue.settings), Path(wanted.folder)
    saved: dict[str, list[Path]] = {}
    for job_id in ids:
        artifacts = await queue.store.artifacts(job_id, every_take=wanted.every_take)
        saved[job_id] = await save(store, artifacts, target, overwrite=wanted.overwrite, every_take=wanted.every_take)
    if wanted.as_json:
        print_json({"files": [{"job_id": job_id, "path": str(path)} for job_id in ids for path in saved[job_id]]})
        return
    console, short = Console(), short_ids(ids)
    for job_id in ids:
        for path in saved[job_id]:
            console.print(f"Saved {path}", markup=False, highlight=False, soft_wrap=True)
        if not saved[job_id]:
            console.print(f"{short[job_id]} has no files.", markup=False, highlight=False)
