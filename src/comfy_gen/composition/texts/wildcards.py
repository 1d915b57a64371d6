"""Reads the folder of wildcards: ``animals/small.txt`` has the lines that ``__animals/small__`` stands for.

A file is UTF-8 text with one alternative a line; blank lines and those that begin with ``#`` do not count. What is
changed on disk is seen within a second.
"""

from __future__ import annotations

import logging
import time
from types import MappingProxyType
from typing import TYPE_CHECKING

from comfy_gen.composition.files import files_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from comfy_gen.composition.files import Stamp

LARGEST = 1024 * 1024
"""Bytes of a file."""
FRESH = 1.0
"""Seconds for which the folder is not looked at again."""
_SUFFIX = ".txt"
_Lines = tuple[str, ...]

log = logging.getLogger(__name__)


class Wildcards:
    """The wildcards of a folder, as they are now; of no folder there are none."""

    def __init__(self, folder: Path | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._looked: float | None = None
        self._read: dict[str, tuple[Stamp, _Lines, str]] = {}
        self._lines: Mapping[str, Sequence[str]] = MappingProxyType({})
        self.problems: tuple[str, ...] = ()
        """Why files are left out."""

    def current(self) -> Mapping[str, Sequence[str]]:
        """Return the lines of each wildcard by its name; this does not change any more."""
        now = self._clock()
        if self._folder is not None and (self._looked is None or now - self._looked >= FRESH):
            self._looked = now
            self._look(self._folder)
        return self._lines

    def _look(self, folder: Path) -> None:
        """Read what has changed since the folder was looked at before."""
        stamps, troubles = files_of(folder, (_SUFFIX,))
        before, self._read = self._read, {}
        for name, (path, stamp) in _named(stamps, folder):
            known = before.get(name)
            self._read[name] = known if known is not None and known[0] == stamp else (stamp, *_contents(path))
        if before != self._read:
            good = {name: lines for name, (_, lines, problem) in sorted(self._read.items()) if not problem}
            self._lines = MappingProxyType(good)
        self._tell((*troubles, *(problem for _, _, problem in self._read.values() if problem)))

    def _tell(self, problems: tuple[str, ...]) -> None:
        for said in problems:
            if said not in self.problems:
                log.warning("wildcards: %s", said)
        self.problems = problems


def read_lines(text: str) -> _Lines:
    """Return the alternatives that a file's text has."""
    lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _named(stamps: Mapping[Path, Stamp], folder: Path) -> Iterator[tuple[str, tuple[Path, Stamp]]]:
    for path, stamp in stamps.items():
        yield path.relative_to(folder).with_suffix("").as_posix(), (path, stamp)


def _contents(path: Path) -> tuple[_Lines, str]:
    """Return a file's lines, and why it cannot be used if it cannot."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            return (), f"{path}: it is larger than {LARGEST:,} bytes"
        return read_lines(content.decode("utf-8")), ""
    except OSError as error:
        return (), f"{path}: it cannot be read: {error.strerror or error}"
    except UnicodeDecodeError as error:
        return (), f"{path}: it is not UTF-8 text (byte {error.start})"
