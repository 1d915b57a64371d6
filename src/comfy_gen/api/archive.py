"""Sends files as one zip while they are read: however large they are, a piece of one is in memory."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile, ZipInfo

from comfy_gen.errors import ArtifactGoneError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Mapping, Sequence

    from comfy_gen.library.archive import Entry
    from comfy_gen.storage.store import ArtifactStore

LIST = "generations.json"
"""The entry that tells of all others."""
_AT_ONCE = 16
"""Files that a store is asked about at a time: a bucket takes its while for each."""
_READABLE = 0o644 << 16


async def check_files(store: ArtifactStore, entries: Sequence[Entry]) -> None:
    """Do nothing, if all files are there: once an archive is begun nobody can be told that they are not.

    Raises:
        ArtifactGoneError: one of them is not in the store any more.
    """
    room = asyncio.Semaphore(_AT_ONCE)

    async def is_there(key: str) -> bool:
        async with room:
            return await store.exists(key)

    keys = [entry.artifact.key for entry in entries]
    there = await asyncio.gather(*map(is_there, keys))
    for key in (key for key, is_so in zip(keys, there, strict=True) if not is_so):
        raise ArtifactGoneError(key)


def listing_of(told: Sequence[dict[str, Any]], entries: Sequence[Entry]) -> bytes:
    """Return what an archive says of its generations: what the library tells, and under which name each file lies.

    Links are left out. They would open the files to whoever is given the archive, and then be dead ones.
    """
    names = {entry.artifact.artifact_id: entry.name for entry in entries}
    return json.dumps([_without_links(one, names) for one in told], indent=2).encode()


async def archive_of(
    store: ArtifactStore, entries: Sequence[Entry], told: bytes, now: dt.datetime
) -> AsyncIterator[bytes]:
    """Yield a zip with what is told of the files, and the files. They are not compressed: pictures are so already."""
    sink = _Sink()
    with ZipFile(sink, "w") as archive:
        archive.writestr(_info(LIST, len(told), now), told)
        for entry in entries:
            with archive.open(_info(entry.name, entry.artifact.size, entry.made), "w") as target:
                async for chunk in store.read(entry.artifact.key):
                    target.write(chunk)
                    yield sink.take()
    yield sink.take()


def _without_links(told: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    favorite: dict[str, Any] | None = told["favorite"]
    return {
        **told,
        "output": [{**output, "url": None, "file": names[output["id"]]} for output in told["output"]],
        "favorite": favorite and {**favorite, "image_url": None},
    }


def _info(name: str, size: int, made: dt.datetime) -> ZipInfo:
    info = ZipInfo(name, made.timetuple()[:6])
    info.file_size = size  # then it is written in the form for large files where it is one
    info.external_attr = _READABLE
    return info


class _Sink:
    """Takes what a zip consists of, and gives it away. It cannot be read or gone back in, and needs no such thing."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        """Take some."""
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: it is somebody else who sends it."""

    def close(self) -> None:
        """Do nothing: there is nothing that is open."""

    def take(self) -> bytes:
        """Give away all that there is."""
        taken, self._pieces = b"".join(self._pieces), []
        return taken
