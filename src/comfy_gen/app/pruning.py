"""Makes room where files are kept: says which jobs and files would go, and has them go.

Never a favorite's, nor one of a job that has yet to end. What is no file of a job, by its key, is not touched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Literal

from comfy_gen.app.deleting import delete_jobs
from comfy_gen.errors import FavoriteKeptError, JobNotFoundError, JobStateError
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.records import Selection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from comfy_gen.jobs.store import JobStore
    from comfy_gen.storage.store import ArtifactStore
    from comfy_gen.storage.stored_file import StoredFile

ORPHAN_AGE = 86_400.0
"""Seconds: younger files that no job knows are left alone, whatever the reason may be."""
PAGE = 1000
_TAIL = r"-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_KEY = re.compile(rf"([0-9a-f]{{2}})/(\1[0-9a-f]{{6}}{_TAIL})-[0-9a-f]{{8}}{_TAIL}(?:\.[A-Za-z0-9]+){{0,2}}")
"""As `pipeline.collect` makes them: the job's folder, its id, the file's id, and what kind of file it is."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to have room by; what is None does not matter."""

    ended_before: float | None = None
    """Jobs that ended before this moment go."""
    max_size: int | None = None
    """Bytes: the longest ended go, until the files of all jobs are no more than this."""
    orphans_before: float | None = None
    """Files of jobs go that nobody knows any more, if they are older than this."""


@dataclass(frozen=True, slots=True)
class Doomed:
    """A job that is to go."""

    job_id: JobId
    ended: float
    files: int
    size: int
    reason: Literal["age", "size"]


@dataclass(frozen=True, slots=True)
class Pruning:
    """What is to go, and what that leaves."""

    jobs: tuple[Doomed, ...]
    orphans: tuple[StoredFile, ...]
    size: int
    """Bytes of all files of jobs, now."""
    spared: int
    """Favorites that are kept though they are old enough to go, or would have to for the size."""
    max_size: int | None = None

    @property
    def freed(self) -> int:
        """Bytes that go."""
        return sum(job.size for job in self.jobs) + sum(file.size for file in self.orphans)

    @property
    def left(self) -> int:
        """Bytes that stay."""
        return self.size - self.freed

    @property
    def is_enough(self) -> bool:
        """Whether what stays is no more than it may be."""
        return self.max_size is None or self.left <= self.max_size


@dataclass(frozen=True, slots=True)
class Pruned:
    """What has gone."""

    jobs: tuple[JobId, ...]
    orphans: tuple[str, ...]
    freed: int
    """Bytes."""
    kept: tuple[JobId, ...]
    """Jobs that were to go and did not: meanwhile they were made favorites, begun afresh or deleted by another."""


@dataclass(slots=True)
class _Held:
    """The files of one job."""

    files: list[StoredFile] = field(default_factory=list["StoredFile"])

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that has ended, with its files."""

    job_id: JobId
    ended: float
    files: int
    size: int
    is_favorite: bool = False


def job_in(key: str) -> JobId | None:
    """Return the job that a file is of, by its key; None for a file that no job stored."""
    found = _KEY.fullmatch(key)
    return None if found is None else JobId(found[2])


def choose(jobs: Iterable[Ended], size: int, wish: Wish) -> tuple[tuple[Doomed, ...], int]:
    """Return the jobs that are to go, and how many favorites were in their way.

    Args:
        jobs: those that have ended, the one that ended first before the others.
        size: bytes of all that is there, but for what goes anyway.
        wish: what is wanted.
    """
    doomed: list[Doomed] = []
    spared, left = 0, size
    for job in jobs:
        reason = _reason(job, left, wish)
        if reason is None:
            continue
        if job.is_favorite:
            spared += 1
            continue
        doomed.append(Doomed(job.job_id, job.ended, job.files, job.size, reason))
        left -= job.size
    return tuple(doomed), spared


def _reason(job: Ended, left: int, wish: Wish) -> Literal["age", "size"] | None:
    if wish.ended_before is not None and job.ended < wish.ended_before:
        return "age"
    return "size" if wish.max_size is not None and left > wish.max_size else None


async def plan(store: JobStore, files: Iterable[StoredFile], wish: Wish) -> Pruning:
    """Return what is to go of the files that are there.

    Args:
        store: the jobs.
        files: all that lie where outputs are kept; listed before, so that the jobs of all of them are known by now.
        wish: what is wanted.
    """
    held = _by_job(files)
    favorites = frozenset(await store.favorites(Selection(all=True)))
    ended = [job async for job in _ended(store, held, favorites)]
    orphans = await _orphans(store, held, {job.job_id for job in ended}, wish)
    size = sum(one.size for one in held.values())
    jobs, spared = choose(ended, size - sum(file.size for file in orphans), wish)
    return Pruning(jobs, orphans, size, spared, wish.max_size)


async def carry_out(store: JobStore, artifacts: ArtifactStore, pruning: Pruning) -> Pruned:
    """Delete what is to go, the longest ended first; each job is looked at once more before.

    Raises:
        StorageError: a file cannot be deleted; its job is kept, and so are those behind it.
    """
    gone = [job for job in pruning.jobs if await _is_deleted(store, artifacts, job.job_id)]
    swept = [file for file in pruning.orphans if await _is_swept(store, artifacts, file)]
    freed = sum(job.size for job in gone) + sum(file.size for file in swept)
    ids = tuple(job.job_id for job in gone)
    kept = tuple(job.job_id for job in pruning.jobs if job.job_id not in set(ids))
    return Pruned(ids, tuple(file.key for file in swept), freed, kept)


def _by_job(files: Iterable[StoredFile]) -> Mapping[JobId, _Held]:
    held: dict[JobId, _Held] = {}
    for file in files:
        job_id = job_in(file.key)
        if job_id is not None:
            held.setdefault(job_id, _Held()).files.append(file)
    return held


async def _ended(store: JobStore, held: Mapping[JobId, _Held], favorites: frozenset[JobId]) -> AsyncIterator[Ended]:
    """Yield the jobs that have ended and have files, in the order in which they did."""
    since, last = 0.0, ""
    while page := await store.ended_after(since, last, PAGE):
        for job in page:
            since, last = job.ended or since, job.job_id
            if job.state.is_end and (files := held.get(job.job_id)):
                yield Ended(job.job_id, since, len(files.files), files.size, job.job_id in favorites)


async def _orphans(
    store: JobStore, held: Mapping[JobId, _Held], ended: set[JobId], wish: Wish
) -> tuple[StoredFile, ...]:
    if wish.orphans_before is None:
        return ()
    unknown = [job_id for job_id in held if job_id not in ended and not await _is_known(store, job_id)]
    files = chain.from_iterable(held[job_id].files for job_id in unknown)
    return tuple(file for file in files if file.changed < wish.orphans_before)


async def _is_known(store: JobStore, job_id: JobId) -> bool:
    try:
        await store.state(job_id)
    except JobNotFoundError:
        return False
    return True


async def _is_deleted(store: JobStore, artifacts: ArtifactStore, job_id: JobId) -> bool:
    try:
        return bool(await delete_jobs(store, artifacts, Selection([job_id])))
    except (FavoriteKeptError, JobNotFoundError, JobStateError):
        return False


async def _is_swept(store: JobStore, artifacts: ArtifactStore, file: StoredFile) -> bool:
    job_id = job_in(file.key)
    if job_id is None or await _is_known(store, job_id):
        return False
    await artifacts.delete(file.key)
    return True
