"""What a ComfyUI has said: one file that it writes to itself, and older ones behind it."""

from __future__ import annotations

import os
import re
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from comfy_gen.atomic import replacing
from comfy_gen.errors import OutputPathError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

NAME = "comfyui.log"
LIMIT = 10_000_000
"""Bytes after which a new file is begun."""
KEPT = 5
"""Older files that are kept."""
_BLOCK = 65_536
_LOOK = 0.2
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def log_files(folder: Path) -> list[Path]:
    """Return the files of a log that there are, the newest first."""
    files = [folder / NAME, *(folder / f"{NAME}.{number}" for number in range(1, KEPT + 1))]
    return [file for file in files if file.exists()]


def rotate(file: Path, *, limit: int = LIMIT, kept: int = KEPT) -> bool:
    """Begin a new file if this one has grown large, and tell whether that was done.

    It is copied and emptied rather than renamed: who writes to it has it open, and goes on at its new beginning.
    """
    if not file.exists() or file.stat().st_size <= limit:
        return False
    for number in range(kept - 1, 0, -1):
        older = file.with_name(f"{file.name}.{number}")
        if older.exists():
            older.replace(file.with_name(f"{file.name}.{number + 1}"))
    with file.open("rb") as source:
        # A full disk: what is left of it is for pictures, and the log would only grow.
        with suppress(OutputPathError, OSError):
            _copy(source, file.with_name(f"{file.name}.1"))
        os.truncate(file, 0)
    return True


def tail(files: Sequence[Path], count: int, *, since: int = 0, until: int | None = None) -> list[str]:
    """Return the last lines of a log.

    Args:
        files: its files, the newest first.
        count: how many lines at most.
        since: where the lines begin that count, in the newest file.
        until: and where they end; None: where it ends.
    """
    lines: list[str] = []
    for place, file in enumerate(files):
        if len(lines) >= count:
            break
        begin, end = (0, None) if place else (since, until)
        lines = [*_last(file, count - len(lines), since=begin, until=end), *lines]
    return lines


class Reader:
    """Reads on in a log that grows, over its rotation too, and begins anew where somebody else has emptied it."""

    def __init__(self, file: Path, *, position: int | None = None) -> None:
        self._file = file
        self._older = file.with_name(f"{file.name}.1")
        self._position = size_of(file) if position is None else position
        self._copy = _number(self._older)
        self._rest = b""

    def lines(self) -> list[str]:
        """Return the lines that have come since."""
        got = self._left_behind() if size_of(self._file) < self._position else b""
        fresh = _read(self._file, self._position)
        self._position += len(fresh)
        *whole, self._rest = (self._rest + got + fresh).split(b"\n")
        return [clean(line) for line in whole]

    def _left_behind(self) -> bytes:
        """Return what was written after the last look and is in the older file now; go on at the beginning."""
        copy = _number(self._older)
        is_rotated, self._copy = copy != self._copy, copy
        got = _read(self._older, self._position) if is_rotated else b""
        self._rest = self._rest if is_rotated else b""
        self._position = 0
        return got


def follow(folder: Path, lines: int = 0) -> Iterator[str]:
    """Yield the last lines of a log, and then what comes, for ever."""
    file = folder / NAME
    end = size_of(file)
    reader = Reader(file, position=end)
    yield from tail(log_files(folder), lines, until=end)
    while True:
        yield from reader.lines()
        time.sleep(_LOOK)


def clean(line: bytes) -> str:
    """Return a line as it may be shown: a bar as it was drawn last, and nothing that a terminal would obey."""
    text = line.decode(errors="replace").rstrip("\r").rpartition("\r")[2]
    return _CONTROLS.sub("", _ESCAPES.sub("", text)).rstrip()


def size_of(file: Path) -> int:
    """Return how long a file is; 0 where there is none."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def opened(folder: Path) -> BinaryIO:
    """Open a log to write to its end; raises OutputPathError."""
    file = folder / NAME
    try:
        return file.open("ab")
    except OSError as error:
        raise OutputPathError(file, error.strerror or str(error)) from error


def _copy(source: BinaryIO, target: Path) -> None:
    """Copy a log aside to its end, which goes on moving until the last moment."""
    with replacing(target) as copy:
        shutil.copyfileobj(source, copy)
    with target.open("ab", buffering=0) as copy:
        shutil.copyfileobj(source, copy)


def _number(file: Path) -> int:
    """Return the number by which a disk knows a file, another one for each that takes its name; 0: there is none."""
    try:
        return file.stat().st_ino
    except FileNotFoundError:
        return 0


def _read(file: Path, position: int) -> bytes:
    try:
        with file.open("rb") as source:
            source.seek(position)
            return source.read()
    except FileNotFoundError:
        return b""


def _last(file: Path, count: int, *, since: int, until: int | None) -> list[str]:
    """Return the last lines of one file, read from its end."""
    with file.open("rb") as source:
        place = source.seek(0, os.SEEK_END)
        place = place if until is None else min(place, until)
        since = since if since <= place else 0
        got = b""
        while place > since and got.count(b"\n") <= count:
            step = min(_BLOCK, place - since)
            place = source.seek(place - step)
            got = source.read(step) + got
    lines = [clean(line) for line in got.removesuffix(b"\n").split(b"\n")] if got else []
    return lines[-count:] if count else []
