"""Lists what lies in a folder that jobs store files in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from comfy_gen.errors import StorageError
from comfy_gen.storage.stored_file import StoredFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def folder_files(root: Path, prefix: str = "") -> Iterator[StoredFile]:
    """Yield the files whose keys begin so, in no order; nothing where there is no folder.

    Links are not followed, and what begins with a point is not whole yet.

    Raises:
        StorageError: it cannot be read.
    """
    try:
        yield from (file for file in _inside(root, "") if file.key.startswith(prefix))
    except OSError as error:
        raise StorageError(f"the files in {root}", error.strerror or str(error), doing="read") from error


def _inside(folder: Path | str, above: str) -> Iterator[StoredFile]:
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _inside(entry.path, f"{above}{entry.name}/")
            elif entry.is_file(follow_symlinks=False):
                yield from _looked_at(entry, f"{above}{entry.name}")


def _looked_at(entry: os.DirEntry[str], key: str) -> Iterator[StoredFile]:
    try:
        about = entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # deleted since its folder was read
        return
    yield StoredFile(key, about.st_size, about.st_mtime)
