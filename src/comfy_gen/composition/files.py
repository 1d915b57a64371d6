"""Finds the files of a folder that people fill, and tells which of them changed. What is in them it does not know."""

from __future__ import annotations

import os
import stat
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST = 2_000
"""Files of a folder that are read."""


class Stamp(NamedTuple):
    """What changes when a file does."""

    inode: int
    size: int
    modified: int


class Files(NamedTuple):
    """What is in a folder."""

    stamps: Mapping[Path, Stamp]
    """Of each file, in the order of their paths."""
    troubles: tuple[str, ...]
    """What is wrong with the folder, and why files are left out."""


def files_of(folder: Path, suffixes: tuple[str, ...]) -> Files:
    """Return the files in a folder and the folders in it whose names end so, `MOST` of them at most.

    What is hidden, links that lead out of the folder, and what is no file (a pipe would be waited on for ever) are left
    out; folders that are links are not entered.
    """
    troubles = list[str]()
    paths = sorted(_walk(folder, suffixes, troubles))
    stamps = dict(islice(_stamped(paths, os.path.realpath(folder), troubles), MOST))
    if len(paths) > MOST:
        troubles.append(f"{folder}: it has {len(paths):,} files, and the first {MOST:,} are read")
    return Files(stamps, tuple(troubles))


def _walk(folder: Path, suffixes: tuple[str, ...], troubles: list[str]) -> Iterator[Path]:
    def note(error: OSError) -> None:
        troubles.append(f"{error.filename}: it cannot be read: {error.strerror}")

    for place, folders, names in os.walk(folder, onerror=note):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and name.endswith(suffixes):
                yield Path(place, name)


def _stamped(paths: list[Path], folder: str, troubles: list[str]) -> Iterator[tuple[Path, Stamp]]:
    for path in paths:
        try:
            known = path.stat()
        except OSError:  # gone since, or a link to nothing
            continue
        if not stat.S_ISREG(known.st_mode):
            troubles.append(f"{path}: it is no file")
        elif path.is_symlink() and not path.resolve().is_relative_to(folder):
            troubles.append(f"{path}: it is a link that leads out of the folder")
        else:
            yield path, Stamp(known.st_ino, known.st_size, known.st_mtime_ns)
