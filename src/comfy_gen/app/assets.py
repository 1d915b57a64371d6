"""Keeps assets: files for workflows to work on, which somebody sent along and knows by the hash of their content.

An owner has one asset of each content, and its id follows from the two: what is sent twice is kept once, whichever
processes take it. Owners share nothing. So no hash tells what somebody else has, and what is deleted is gone.

All of it lies in the store of artifacts, under an owner's hash:

    assets/ID.json                       what there is to say of an asset
    assets/named/OWNER/HASH              the id of what its owner sent last under a name
    assets/outputs/ID.json               what there is to say of the copy of a job's output: see `app.outputs`
    uploads/asset-OWNER-PLACE.png        the content, where workflows find it
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from comfy_gen.app.contents import chunks_of, content_of
from comfy_gen.app.uploading import Kept, asset_of, mark_of
from comfy_gen.errors import ArtifactGoneError, HashMismatchError
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import JobFilter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from comfy_gen.app.caller import Caller
    from comfy_gen.app.contents import Content
    from comfy_gen.jobs.store import JobStore
    from comfy_gen.storage.store import ArtifactStore

_IDS = uuid.UUID("6c0d4e0c-6a1f-5d0b-9c55-7a1f1d6f2f0e")
_ACTIVE = tuple(state for state in JobState if not state.is_end)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that somebody sent."""

    asset_id: str
    owner: str
    digest: str
    """The BLAKE3 of its content in hexadecimal."""
    size: int
    media_type: str
    """What it was said to be."""
    file_path: str
    """What it was called."""
    upload: str
    """What its content is called among the uploads."""
    created: float
    fault: str = ""
    """Why no workflow can work on it; empty where one can."""
    tags: tuple[str, ...] = ()

    @property
    def kept(self) -> Kept:
        """Its content: where it lies, and what names it in a workflow that is kept."""
        return Kept(self.upload)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of a file that they send."""

    file_path: str
    name: str
    """What workflows may call it."""
    media_type: str = ""
    """Empty: what its content is."""
    tags: tuple[str, ...] = ()
    digest: str | None = None
    """The BLAKE3 that it must have."""


async def keep(store: ArtifactStore, owner: str, file: IO[bytes], said: Said, *, now: float) -> tuple[Asset, bool]:
    """Keep a file as an asset of an owner's; return it, and whether they did not have it before.

    What was said of the same content before stays.

    Raises:
        HashMismatchError: its hash is not the one that was said.
        StorageError: it cannot be kept.
    """
    content = await asyncio.to_thread(content_of, file, name=said.name)
    if said.digest is not None and said.digest != content.digest:
        raise HashMismatchError(said.digest, content.digest)
    asset = await by_digest(store, owner, content.digest)
    is_new = asset is None
    if asset is None:
        asset = _asset(owner, content, said, now=now)
        await put_content(store, asset.kept.key, file)
        await write_small(store, _record(asset.asset_id), json.dumps(dataclasses.asdict(asset)))
    await call(store, asset, said.name)
    return asset, is_new


async def put_content(store: ArtifactStore, key: str, file: IO[bytes]) -> None:
    """Put a file into the store, unless it is there.

    Raises:
        StorageError: it cannot be stored.
    """
    if not await store.exists(key):
        await store.put(key, _pieces(file))


async def by_digest(store: ArtifactStore, owner: str, digest: str) -> Asset | None:
    """Return an owner's asset of this BLAKE3; None where they have none, or its content is gone."""
    asset = await _read(store, _id_of(owner, digest))
    return asset if asset is not None and await store.exists(asset.kept.key) else None


async def called(store: ArtifactStore, owner: str, name: str) -> Asset | None:
    """Return what an owner sent last under a name; None where that is nothing, or was deleted."""
    asset_id = await read_small(store, _name(owner, name))
    asset = None if asset_id is None else await _read(store, asset_id.decode())
    return asset if asset is not None and asset.owner == owner else None


async def call(store: ArtifactStore, asset: Asset, name: str) -> None:
    """Have an asset be what its owner means by a name, from now on."""
    await write_small(store, _name(asset.owner, name), asset.asset_id)


async def find(store: ArtifactStore, caller: Caller, asset_id: str) -> Asset | None:
    """Return an asset of a caller's; None where there is none of this id, or it is somebody else's."""
    asset = await _read(store, asset_id)
    return asset if asset is not None and caller.owns(asset.owner) else None


async def delete(store: ArtifactStore, asset: Asset) -> None:
    """Forget an asset, with its content.

    Raises:
        StorageError: something of it cannot be deleted.
    """
    await store.delete(_record(asset.asset_id))
    await store.delete(asset.kept.key)


async def is_awaited(jobs: JobStore, asset: Asset) -> bool:
    """Tell whether a job that has yet to end works on an asset."""
    wanted, cursor = JobFilter(_ACTIVE), None
    while True:
        page = await jobs.list(wanted, 200, cursor)
        for job in page.jobs:
            if asset.kept.reference in json.dumps((await jobs.request(job.job_id)).workflow):
                return True
        if (cursor := page.next) is None:
            return False


async def read_small(store: ArtifactStore, key: str) -> bytes | None:
    """Return the whole of a small file; None where there is none."""
    try:
        return b"".join([chunk async for chunk in store.read(key)])
    except ArtifactGoneError:
        return None


async def write_small(store: ArtifactStore, key: str, text: str) -> None:
    """Put a small file into the store, in place of one that has the key.

    Raises:
        StorageError: it cannot be stored.
    """

    async def once() -> AsyncIterator[bytes]:
        yield text.encode()

    await store.put(key, once())


def _asset(owner: str, content: Content, said: Said, *, now: float) -> Asset:
    return Asset(
        asset_id=_id_of(owner, content.digest),
        owner=owner,
        digest=content.digest,
        size=content.size,
        media_type=said.media_type or content.media_type,
        file_path=said.file_path,
        upload=asset_of(owner, content.place, content.suffix).name,
        created=now,
        fault=content.fault,
        tags=said.tags,
    )


async def _read(store: ArtifactStore, asset_id: str) -> Asset | None:
    found = await read_small(store, _record(asset_id))
    if found is None:
        return None
    facts: dict[str, Any] = json.loads(found)
    tags: tuple[str, ...] = tuple(facts.pop("tags"))
    return Asset(**facts, tags=tags)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    chunks = chunks_of(file)
    while chunk := await asyncio.to_thread(next, chunks, b""):
        yield chunk


def _id_of(owner: str, digest: str) -> str:
    return str(uuid.uuid5(_IDS, f"{digest}/{owner}"))


def _record(asset_id: str) -> str:
    return f"assets/{asset_id}.json"


def _name(owner: str, name: str) -> str:
    return f"assets/named/{mark_of(owner)}/{hashlib.sha256(name.encode()).hexdigest()}"
