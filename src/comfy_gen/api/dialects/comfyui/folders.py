"""Lists the files of a person as folders have them: there are no folders but those that names begin with. Pure."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from comfy_gen.library.named_files import NamedFile


def folder_in(said: str) -> str | None:
    """Return a folder's path with a slash at its end; empty for the one of all, None where it leads out of that."""
    path = posixpath.normpath(posixpath.join("/user", said))
    if path == "/user":
        return ""
    return f"{path.removeprefix('/user/')}/" if path.startswith("/user/") else None


def facts_of(file: NamedFile, folder: str = "") -> dict[str, Any]:
    """Return what there is to say of a file, by its name in a folder."""
    return {
        "path": file.path.removeprefix(folder),
        "size": file.size,
        "modified": file.updated,
        "created": file.created,
    }


def listed(files: Iterable[NamedFile], folder: str, *, recurse: bool, full_info: bool, split: bool) -> list[Any] | None:
    """Return the files in a folder, as ``/userdata`` does; None where there is no such folder."""
    inside = [file for file in files if file.path.startswith(folder)]
    if folder and not inside:
        return None
    shown = [file for file in inside if recurse or "/" not in file.path.removeprefix(folder)]
    if full_info:
        return [facts_of(file, folder) for file in shown]
    names = [file.path.removeprefix(folder) for file in shown]
    return [[name, *name.split("/")] for name in names] if split else names


def browsed(files: Iterable[NamedFile], folder: str) -> list[dict[str, Any]] | None:
    """Return files and folders below a folder, as ``/v2/userdata`` does; None where there is no such folder."""
    inside = [file for file in files if file.path.startswith(folder)]
    if folder and not inside:
        return None
    entries = [*_folders(inside, folder), *map(_entry, inside)]
    return sorted(entries, key=lambda one: (one["type"] != "directory", one["name"].lower()))


def _entry(file: NamedFile) -> dict[str, Any]:
    name = posixpath.basename(file.path)
    return {"name": name, "path": file.path, "type": "file", "size": file.size, "modified": file.updated}


def _folders(files: Sequence[NamedFile], folder: str) -> Iterator[dict[str, Any]]:
    paths = {path for file in files for path in _parents(file.path) if path.startswith(folder)}
    for path in sorted(paths):
        yield {"name": posixpath.basename(path), "path": path, "type": "directory"}


def _parents(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path
