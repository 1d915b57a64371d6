"""Copies what jobs made to where a person wants it."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from comfy_gen.atomic import replacing
from comfy_gen.cli.job_table import SHORTEST
from comfy_gen.errors import ArtifactGoneError, OutputPathError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.job import Artifact, JobId

HINT = "it is there already, and something else; --overwrite replaces it"


async def save(queue: JobQueue, job_id: JobId, folder: Path, *, overwrite: bool = False) -> list[Path]:
    """Copy a job's files into a folder, and return where they are.

    Their names are always the same, so that what is there already is not copied again.

    Raises:
        OutputPathError: the folder cannot be written, or something else is there under such a name.
        ArtifactGoneError: a file is not in the store any more.
    """
    artifacts = await queue.store.artifacts(job_id)
    pairs = [
        (artifact, queue.artifact_path(artifact), folder / name)
        for artifact, name in zip(artifacts, names_of(artifacts), strict=True)
    ]
    await asyncio.to_thread(_make, folder)
    for artifact, source, target in pairs:
        await asyncio.to_thread(_copy, artifact, source, target, overwrite=overwrite)
    return [target for _, _, target in pairs]


def names_of(artifacts: Sequence[Artifact]) -> list[str]:
    """Return a name for each file of a job: the beginning of its id, and the engine's own name."""
    taken: dict[str, int] = {}
    return [_name(artifact, taken) for artifact in artifacts]


def _name(artifact: Artifact, taken: dict[str, int]) -> str:
    # An engine's word may hold a path; only the last part of it is a name, and no such part climbs out of a folder.
    given = PurePosixPath(artifact.filename.replace("\\", "/")).name.replace("\0", "") or artifact.kind
    stem, suffix = PurePosixPath(given).stem, PurePosixPath(given).suffix
    number = taken[given] = taken.get(given, 0) + 1
    counted = f"-{number}" if number > 1 else ""
    return f"{artifact.job_id[:SHORTEST]}-{stem}{counted}{suffix}"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputPathError(folder, error.strerror or str(error)) from error


def _copy(artifact: Artifact, source: Path, target: Path, *, overwrite: bool) -> None:
    if target.exists():
        if _is_same(artifact, target):
            return
        if not overwrite:
            raise OutputPathError(target, HINT)
    try:
        stream = source.open("rb")
    except FileNotFoundError as error:
        raise ArtifactGoneError(artifact.key) from error
    except OSError as error:
        raise OutputPathError(target, f"{source} cannot be read: {error.strerror or error}") from error
    with stream, replacing(target) as file:
        shutil.copyfileobj(stream, file)


def _is_same(artifact: Artifact, path: Path) -> bool:
    if not path.is_file() or path.stat().st_size != artifact.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == artifact.sha256
