"""Reads the folder of wildcards: ``animals/small.txt`` has the lines that ``__animals/small__`` stands for.

A file is UTF-8 text with one alternative a line; blank lines and those that begin with ``#`` do not count. What is
changed on disk is seen within a second.
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

LARGEST = 1024 * 1024
"""Bytes of a file."""
MOST = 2_000
"""Files of a folder; the rest is left out."""
FRESH = 1.0
"""Seconds for which the folder is not looked at again."""
_SUFFIX = ".txt"
_Mark = tuple[int, int, int]
"""By which a file is known to be the same: where it is on the disk, its size and when it was written."""
_Lines = tuple[str, ...]

log = logging.getLogger(__name__)


class Wildcards:
    """The wildcards of a folder, as they are now; of no folder there are none."""

    def __init__(self, folder: Path | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._looked: float | None = None
        self._read: dict[str, tuple[_Mark, _Lines, str]] = {}
        self._lines: Mapping[str, Sequence[str]] = MappingProxyType({})

    def current(self) -> Mapping[str, Sequence[str]]:
        """Return the lines of each wildcard by its name; this does not change any more."""
        now = self._clock()
        if self._folder is not None and (self._looked is None or now - self._looked >= FRESH):
            self._looked = now
            self._look(self._folder)
        return self._lines

    @property
    def problems(self) -> tuple[str, ...]:
        """Why files are left out."""
        return tuple(problem for _, _, problem in self._read.values() if problem)

    def _look(self, folder: Path) -> None:
        """Read what has changed since the folder was looked at before."""
        found = dict(_files(folder))
        before, self._read = self._read, {}
        for name, (path, mark) in found.items():
            known = before.get(name)
            self._read[name] = known if known is not None and known[0] == mark else _entry(path, mark, folder)
        if before != self._read:
            good = {name: lines for name, (_, lines, problem) in sorted(self._read.items()) if not problem}
            self._lines = MappingProxyType(good)


def read_lines(text: str) -> _Lines:
    """Return the alternatives that a file's text has."""
    lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _files(folder: Path) -> Iterator[tuple[str, tuple[Path, _Mark]]]:
    """Yield the name of each wildcard with its file; folders that are links are not entered."""
    count = 0
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            mark = _mark(path) if path.suffix == _SUFFIX else None
            if mark is not None and count < MOST:
                count += 1
                yield path.relative_to(folder).with_suffix("").as_posix(), (path, mark)


def _mark(path: Path) -> _Mark | None:
    try:
        status = path.stat()
    except OSError:  # it is gone already, or a link to nothing
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _entry(path: Path, mark: _Mark, folder: Path) -> tuple[_Mark, _Lines, str]:
    """Read a file; say in the log why it cannot be used."""
    lines, problem = _contents(path, folder)
    if problem:
        log.warning("a wildcard is left out: %s", problem)
    return mark, lines, problem


def _contents(path: Path, folder: Path) -> tuple[_Lines, str]:
    """Return a file's lines, and why it cannot be used if it cannot."""
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return (), f"{path} is a link that leads out of the folder"
        if not path.is_file():
            return (), f"{path} is no file"
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            return (), f"{path} is larger than {LARGEST:,} bytes"
        return read_lines(content.decode("utf-8")), ""
    except OSError as error:
        return (), f"{path} cannot be read: {error.strerror or error}"
    except UnicodeDecodeError as error:
        return (), f"{path} is not UTF-8 text (byte {error.start})"
