"""Reads the files of a folder of categories, and later only those that changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.composition.categories.document import MAX_BYTES
from comfy_gen.composition.categories.reading import Marked, read_marked
from comfy_gen.composition.files import files_of
from comfy_gen.errors import CategoryFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from comfy_gen.composition.files import Stamp

SHIPPED = Path(__file__).parents[1] / "definitions"
"""The categories that ship."""
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class File:
    """What was read of a file."""

    stamp: Stamp
    marked: Marked | None = None
    """The last that could be read of it."""
    problems: tuple[str, ...] = ()
    """What is wrong with it now."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a folder."""

    files: Mapping[Path, File] = field(default_factory=dict[Path, File])
    """In the order of their paths."""
    troubles: tuple[str, ...] = ()
    """What is wrong with the folder itself."""

    @property
    def marked(self) -> Mapping[str, Marked]:
        """The categories by id; of two files with one id the first counts."""
        found = dict[str, Marked]()
        for file in self.files.values():
            if file.marked is not None:
                found.setdefault(file.marked.category.id, file.marked)
        return found

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong here."""
        said = (problem for file in self.files.values() for problem in file.problems)
        return (*self.troubles, *said, *self._twice())

    def _twice(self) -> Iterator[str]:
        chosen = self.marked
        for path, file in self.files.items():
            if file.marked is not None and chosen[file.marked.category.id] is not file.marked:
                other = chosen[file.marked.category.id].category
                yield f"{path}: the id {other.id!r} is that of {other.source} too, which counts"


NOTHING = Contents()


def look(folder: Path, before: Contents = NOTHING) -> Contents:
    """Return what is in a folder and the folders in it, and the very object ``before`` if nothing changed.

    Only files that changed are read. One that now has mistakes counts with what it said before.
    """
    stamps, troubles = files_of(folder, SUFFIXES)
    if troubles == before.troubles and stamps == {path: file.stamp for path, file in before.files.items()}:
        return before
    return Contents({path: _file(path, stamp, before.files.get(path)) for path, stamp in stamps.items()}, troubles)


def read_file(path: Path) -> Marked:
    """Read a file, and at most so much of it as one may have.

    Raises:
        CategoryFileError: it cannot be read, or something is wrong with it.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CategoryFileError((f"{path}: it cannot be read: {error.strerror or error}",)) from error
    if len(content) > MAX_BYTES:
        raise CategoryFileError((f"{path}: it is larger than {MAX_BYTES // 1024} KiB",))
    try:
        return read_marked(content.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CategoryFileError((f"{path}, line {line}: it is not UTF-8 text",)) from error


def _file(path: Path, stamp: Stamp, before: File | None) -> File:
    if before is not None and before.stamp == stamp:
        return before
    try:
        return File(stamp, read_file(path))
    except CategoryFileError as error:
        return File(stamp, None if before is None else before.marked, tuple(error.problems))
