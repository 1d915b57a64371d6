"""Copies what jobs made to where a person wants it."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from comfy_gen.atomic import replacing
from comfy_gen.cli.jobs.table import SHORTEST
from comfy_gen.errors import OutputPathError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from comfy_gen.jobs.job import Artifact
    from comfy_gen.storage.store import ArtifactStore

HINT = "it is there already, and something else; --overwrite replaces it"


async def save(
    store: ArtifactStore,
    artifacts: Sequence[Artifact],
    folder: Path,
    *,
    overwrite: bool = False,
    every_take: bool = False,
) -> list[Path]:
    """Copy a job's files into a folder, and return where they are; ``every_take`` says that they are of several.

    Their names are always the same, so that what is there already is not copied again.

    Raises:
        OutputPathError: the folder cannot be written, or something else is there under such a name.
        ArtifactGoneError: a file is not in the store any more.
        StorageError: the store does not give it.
    """
    targets = [folder / name for name in (names_of_takes if every_take else names_of)(artifacts)]
    await asyncio.to_thread(_make, folder)
    for artifact, target in zip(artifacts, targets, strict=True):
        if await asyncio.to_thread(_is_missing, artifact, target, overwrite=overwrite):
            await _copy(store, artifact, target)
    return targets


def names_of(artifacts: Sequence[Artifact]) -> list[str]:
    """Return a name for each file of a job: the beginning of its id, and the engine's own name."""
    taken: dict[str, int] = {}
    return [_name(artifact, taken) for artifact in artifacts]


def names_of_takes(artifacts: Sequence[Artifact]) -> list[str]:
    """Return a name for each file of all takes of a job: that of its place in its take, with the take's number."""
    taken: dict[int, dict[str, int]] = {}
    return [_name(one, taken.setdefault(one.take, {}), f"take{one.take}-") for one in artifacts]


def _name(artifact: Artifact, taken: dict[str, int], take: str = "") -> str:
    # An engine's word may hold a path; only the last part of it is a name, and no such part climbs out of a folder.
    given = PurePosixPath(artifact.filename.replace("\\", "/")).name.replace("\0", "") or artifact.kind
    stem, suffix = PurePosixPath(given).stem, PurePosixPath(given).suffix
    number = taken[given] = taken.get(given, 0) + 1
    counted = f"-{number}" if number > 1 else ""
    return f"{artifact.job_id[:SHORTEST]}-{take}{stem}{counted}{suffix}"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputPathError(folder, error.strerror or str(error)) from error


def _is_missing(artifact: Artifact, target: Path, *, overwrite: bool) -> bool:
    """Tell whether a file has yet to be copied."""
    if not target.exists():
        return True
    if _is_same(artifact, target):
        return False
    if not overwrite:
        raise OutputPathError(target, HINT)
    return True


async def _copy(store: ArtifactStore, artifact: Artifact, target: Path) -> None:
    with replacing(target) as file:
        async for chunk in store.read(artifact.key):
            await asyncio.to_thread(file.write, chunk)


def _is_same(artifact: Artifact, path: Path) -> bool:
    if not path.is_file() or path.stat().st_size != artifact.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == artifact.sha256
