"""Forgets jobs that have ended, with the files that they made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.errors import FavoriteKeptError
from comfy_gen.jobs.records import Selection

if TYPE_CHECKING:
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.store import JobStore
    from comfy_gen.storage.store import ArtifactStore


async def delete_jobs(store: JobStore, artifacts: ArtifactStore, selection: Selection) -> list[Job]:
    """Delete the selected jobs, one after the other, but for favorites; return those that are gone.

    A job's files go first: cut short, this leaves a job without files, to be deleted again, and never files without
    a job, which nobody would find.

    Raises:
        JobNotFoundError: a job that is named does not exist.
        JobStateError: the only one that is named has not ended.
        FavoriteKeptError: the only one that is named is a favorite.
        StorageError: a file cannot be deleted; its job is kept.
    """
    gone: list[Job] = []
    for job_id in await store.ended(selection):
        if not await store.let_go(job_id):  # it became a favorite meanwhile
            if len(selection.job_ids) == 1:
                raise FavoriteKeptError(job_id)
            continue
        for artifact in await store.artifacts(job_id, every_take=True):
            for key in filter(None, (artifact.key, artifact.thumbnail_key)):
                await artifacts.delete(key)
        gone += await store.delete(Selection([job_id]))
    return gone
