"""Keeps the files that the editor has for a person: their workflows, their settings, their style sheet."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.errors import ArtifactGoneError, BodyTooLargeError
from comfy_gen.library.named_files import NamedFile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service

PLACE = "user"
"""Where their names are kept."""
LARGEST = 25 * 2**20
"""Bytes of one."""
SETTINGS = "comfy.settings.json"
"""What has the settings, as a ComfyUI has them."""
_FOLDER = "userdata"


async def all_of(service: Service, caller: Caller) -> Sequence[NamedFile]:
    """Return a person's files by their names."""
    return await service.named_files.list(caller.owner, PLACE)


async def find(service: Service, caller: Caller, path: str) -> NamedFile | None:
    """Return the file of a name; None if there is none."""
    return await service.named_files.find(caller.owner, PLACE, path)


async def write(service: Service, caller: Caller, path: str, content: bytes, *, may_replace: bool) -> NamedFile | None:
    """Keep a file by a name; None where the name is another's that is not to be replaced.

    Raises:
        InvalidParameterError: the name cannot be one, or the caller has too many files.
        BodyTooLargeError: it is too large.
        StorageError: it cannot be kept.
    """
    file = await _stored(service, caller, path, content)
    if not may_replace:
        added = await service.named_files.add(file, [path])
        if added is None:
            await service.artifacts.delete(file.key)
        return added
    before = await service.named_files.put(file)
    await _drop(service, before)
    return file if before is None else replace(file, created=before.created)


async def move(service: Service, file: NamedFile, path: str, *, may_replace: bool) -> NamedFile | None:
    """Give a file another name; None where that is another's that is not to be replaced.

    Raises:
        ArtifactNotFoundError: the file is not there any more.
        InvalidParameterError: the name cannot be one.
    """
    moved = await service.named_files.move(file, path, may_replace=may_replace)
    if moved is None:
        return None
    await _drop(service, moved[1])
    return moved[0]


async def remove(service: Service, caller: Caller, path: str) -> bool:
    """Delete a file, and tell whether there was one."""
    before = await service.named_files.remove(caller.owner, PLACE, path)
    await _drop(service, before)
    return before is not None


async def settings(service: Service, caller: Caller) -> dict[str, Any]:
    """Return a person's settings; none, where there is nothing that can be read."""
    found, _ = await _settings(service, caller)
    return found


async def set_settings(service: Service, caller: Caller, changes: Mapping[str, Any]) -> None:
    """Change some of a person's settings, whoever else changes others at the same moment.

    Raises:
        BodyTooLargeError: they are too many.
        StorageError: they cannot be kept.
    """
    while True:
        known, before = await _settings(service, caller)
        content = json.dumps({**known, **changes}, indent=4).encode()
        file = await _stored(service, caller, SETTINGS, content)
        if await service.named_files.swap(file, before):
            await _drop(service, before)
            return
        await service.artifacts.delete(file.key)


async def _settings(service: Service, caller: Caller) -> tuple[dict[str, Any], NamedFile | None]:
    file = await find(service, caller, SETTINGS)
    if file is None:
        return {}, None
    try:
        found: Any = json.loads(b"".join([chunk async for chunk in service.artifacts.read(file.key)]))
    except (ArtifactGoneError, ValueError):
        return {}, file
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}, file


async def _stored(service: Service, caller: Caller, path: str, content: bytes) -> NamedFile:
    """Return a file that lies in the store, under a key that no other ever had: it may be deleted with its name."""
    if len(content) > LARGEST:
        raise BodyTooLargeError(LARGEST)
    key, now = f"{_FOLDER}/{uuid.uuid4()}", time.time()
    await service.artifacts.put(key, _once(content))
    return NamedFile(owner=caller.owner, place=PLACE, path=path, key=key, size=len(content), created=now, updated=now)


async def _drop(service: Service, file: NamedFile | None) -> None:
    if file is not None:
        await service.artifacts.delete(file.key)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
