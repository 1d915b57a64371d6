"""Keeps files for workflows to work on, which somebody sent along: whichever engine runs a job is given them."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from comfy_gen.errors import ArtifactNotFoundError, InputImageError
from comfy_gen.pipeline.inputs import FOLDER, UPLOADS, name_of
from comfy_gen.pipeline.media import media_type_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from comfy_gen.app.caller import Caller
    from comfy_gen.storage.store import ArtifactStore

_NAME = re.compile(r"comfygen-[0-9a-f]{20}\.[a-z0-9]{1,10}")
_ASSET = re.compile(r"asset-(?P<owner>[0-9a-f]{40})-[0-9a-f]{64}\.[a-z0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was sent along."""

    name: str
    """Which only this content has."""

    @property
    def reference(self) -> str:
        """What names it in a workflow."""
        return f"{UPLOADS}{self.name}"

    @property
    def key(self) -> str:
        """Where it lies in the store."""
        return f"{FOLDER}/{self.name}"

    @property
    def media_type(self) -> str:
        """By its name's suffix, which its content decided."""
        return media_type_of(PurePosixPath(self.name).suffix)


async def keep(store: ArtifactStore, caller: Caller, content: bytes, *, source: str) -> Kept:
    """Keep a file; ``source`` is what it is called where something is wrong with it.

    Raises:
        InputImageError: it is a damaged picture, or nothing that a workflow can use.
        StorageError: it cannot be kept.
    """
    name = await asyncio.to_thread(name_of, content, source=source)
    if name is None:
        raise InputImageError(source, "it is no picture, video, sound or other file that is known")
    kept = Kept(name)
    for key, data in ((kept.key, content), (_mark(caller.owner, name), name.encode())):
        if not await store.exists(key):
            await store.put(key, _once(data))
    return kept


async def find(store: ArtifactStore, caller: Caller, name: str) -> Kept:
    """Return a file that the caller sent; an administrator may have everybody's.

    Raises:
        ArtifactNotFoundError: they sent none of this name.
    """
    if asset := _ASSET.fullmatch(name):
        if not caller.is_admin and asset["owner"] != mark_of(caller.owner):
            raise ArtifactNotFoundError(name)
        return Kept(name)
    if not _NAME.fullmatch(name):
        raise ArtifactNotFoundError(name)
    if not caller.is_admin and not await store.exists(_mark(caller.owner, name)):
        raise ArtifactNotFoundError(name)  # engines list the names of what they were given: they open nothing
    return Kept(name)


def mark_of(owner: str) -> str:
    """Return what stands for an owner in keys and names."""
    return hashlib.sha256(owner.encode()).hexdigest()[:40]


def asset_of(owner: str, place: str, suffix: str) -> Kept:
    """Return where an asset's content is kept, which is its owner's alone; see `app.assets`."""
    return Kept(f"asset-{mark_of(owner)}-{place}{suffix}")


def _mark(owner: str, name: str) -> str:
    """Return the key of what says that an owner sent this, perhaps as others did."""
    return f"{FOLDER}/of/{mark_of(owner)}/{name}"


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
