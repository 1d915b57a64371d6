"""Puts copies of a job's outputs into the bucket that its request named."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from comfy_gen.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from comfy_gen.pipeline.artifact import Artifact
    from comfy_gen.storage.store import ArtifactStore

DELAYS = (2.0, 10.0)
"""Seconds before a copy is tried again. Not for ever: it is somebody else's bucket, and our own store has the file."""
LINK_LIFETIME = 7 * 86_400.0
LONGEST_NAME = 120
"""Characters; with the job's id before it a store still takes it as a key."""


async def copied(
    artifacts: Sequence[Artifact],
    *,
    source: ArtifactStore,
    target: ArtifactStore,
    delays: Sequence[float] = DELAYS,
) -> AsyncIterator[Artifact]:
    """Copy each artifact, and yield it with the address of its copy. Done twice it leaves what doing it once leaves.

    Raises:
        StorageError: the target refuses one, or cannot be reached, tried several times.
        ArtifactGoneError: the source has one no more.
    """
    for artifact, key in zip(artifacts, copy_keys(artifacts), strict=True):
        yield replace(artifact, url=await _persistently(artifact, key, source, target, delays))


def copy_keys(artifacts: Sequence[Artifact]) -> list[str]:
    """Return where the copies go: to a folder of the job, under the engine's names, each once."""
    taken: set[str] = set()
    return [f"{one.job_id}/{_unique(_plain(one), taken)}" for one in artifacts]


async def _persistently(
    artifact: Artifact, key: str, source: ArtifactStore, target: ArtifactStore, delays: Sequence[float]
) -> str:
    for delay in delays:
        try:
            return await _copy(artifact, key, source, target)
        except StorageError as error:
            if error.is_refused:
                raise
        await asyncio.sleep(delay)
    return await _copy(artifact, key, source, target)


async def _copy(artifact: Artifact, key: str, source: ArtifactStore, target: ArtifactStore) -> str:
    await target.put(key, source.read(artifact.key))
    return await target.url(key, seconds=LINK_LIFETIME, filename=artifact.filename) or ""


def _plain(artifact: Artifact) -> str:
    """Return an engine's name for a file without what a key cannot hold."""
    name = PurePosixPath(artifact.filename.replace("\\", "/")).name
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).lstrip("._-") or artifact.kind
    suffix = PurePosixPath(plain).suffix[:10]
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - len(suffix)] + suffix


def _unique(name: str, taken: set[str]) -> str:
    """Return the name, or one with a number that is not taken, and take it."""
    path, number, candidate = PurePosixPath(name), 1, name
    while candidate in taken:
        number += 1
        candidate = f"{path.stem}-{number}{path.suffix}"
    taken.add(candidate)
    return candidate
