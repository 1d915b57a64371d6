"""Keeps what clients upload by the names that they give it: each owner has a ComfyUI's folders of their own."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import TYPE_CHECKING

from comfy_gen.api.dialects.comfyui.names import Name, numbered
from comfy_gen.app import uploading
from comfy_gen.errors import InputImageError, InvalidParameterError
from comfy_gen.library.named_files import NamedFile
from comfy_gen.pipeline.inputs import FOLDER, UPLOADS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.storage.store import ArtifactStore

_USELESS = "named"
"""Where lies what no workflow can work on: a ComfyUI takes it all the same."""


async def keep(service: Service, caller: Caller, content: bytes, name: Name, *, overwrite: bool) -> Name:
    """Keep a file by a name, and return the one that it got: another, where the first means something else.

    Raises:
        InvalidParameterError: it can have none of these names, or the caller has too many files.
        UploadsFullError: there is no room for it.
        StorageError: it cannot be kept.
    """
    await service.room.take(len(content))
    key = await _stored(service.artifacts, caller, content, source=name.path)
    file = _file(caller, name, key, len(content))
    if overwrite:
        await service.named_files.put(file)
        return name
    added = await service.named_files.add(file, numbered(name.path))
    if added is None:
        raise InvalidParameterError("the file's name", name.path, "another: too many files have it, with a number")
    return Name(name.kind, added.path)


def reference_of(file: NamedFile) -> str | None:
    """Return what names a file in a workflow of ours; None for one that no workflow can work on."""
    is_of_use = file.key.startswith(f"{FOLDER}/")
    return f"{UPLOADS}{file.key.removeprefix(f'{FOLDER}/')}" if is_of_use else None


def _file(caller: Caller, name: Name, key: str, size: int) -> NamedFile:
    now = time.time()
    return NamedFile(owner=caller.owner, place=name.kind, path=name.path, key=key, size=size, created=now, updated=now)


async def _stored(store: ArtifactStore, caller: Caller, content: bytes, *, source: str) -> str:
    """Return where a file lies, once it does."""
    try:
        return (await uploading.keep(store, caller, content, source=source)).key
    except InputImageError:
        key = await asyncio.to_thread(_useless_key, caller.owner, content)
        await store.put(key, _once(content))
        return key


def _useless_key(owner: str, content: bytes) -> str:
    digest = hashlib.sha256(owner.encode()).hexdigest()[:40]
    return f"{_USELESS}/{digest}/{hashlib.sha256(content).hexdigest()[:40]}"


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
