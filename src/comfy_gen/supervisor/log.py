"""What a ComfyUI has said: one file that it writes to itself, and older ones behind it."""

from __future__ import annotations

import os
import re
import shutil
import time
from typing import TYPE_CHECKING

from comfy_gen.atomic import replacing
from comfy_gen.errors import OutputPathError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

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
    try:
        with file.open("rb") as source, replacing(file.with_name(f"{file.name}.1")) as copy:
            shutil.copyfileobj(source, copy)
    except OutputPathError:
        pass  # a full disk: what is left of it is for pictures, and the log would only grow
    os.truncate(file, 0)
    return True


def tail(files: Sequence[Path], count: int, *, since: int = 0) -> list[str]:
    """Return the last lines of a log.

    Args:
        files: its files, the newest first.
        count: how many lines at most.
        since: where the lines begin that count, in the newest file.
    """
    lines: list[str] = []
    for place, file in enumerate(files):
        if len(lines) >= count:
            break
        lines = [*_last(file, count - len(lines), since=0 if place else since), *lines]
    return lines


class Reader:
    """Reads on in a file that grows, and begins anew when it was emptied."""

    def __init__(self, file: Path, *, position: int | None = None) -> None:
        self._file = file
        self._position = size_of(file) if position is None else position
        self._rest = b""

    def lines(self) -> list[str]:
        """Return the lines that have come since."""
        if size_of(self._file) < self._position:
            self._position = 0
            self._rest = b""
        try:
            with self._file.open("rb") as source:
                source.seek(self._position)
                got = source.read()
        except FileNotFoundError:
            return []
        self._position += len(got)
        *whole, self._rest = (self._rest + got).split(b"\n")
        return [clean(line) for line in whole]


def follow(folder: Path, lines: int = 0) -> Iterator[str]:
    """Yield the last lines of a log, and then what comes, for ever."""
    file = folder / NAME
    reader = Reader(file)
    yield from tail(log_files(folder), lines) if lines else ()
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


def _last(file: Path, count: int, *, since: int) -> list[str]:
    """Return the last lines of one file, read from its end."""
    with file.open("rb") as source:
        place = source.seek(0, os.SEEK_END)
        since = since if since <= place else 0
        got = b""
        while place > since and got.count(b"\n") <= count:
            step = min(_BLOCK, place - since)
            place = source.seek(place - step)
            got = source.read(step) + got
    lines = [clean(line) for line in got.removesuffix(b"\n").split(b"\n")] if got else []
    return lines[-count:] if count else []
