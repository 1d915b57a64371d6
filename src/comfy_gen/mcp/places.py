"""The folders in which agents may have files written and read, and nothing outside of them."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.atomic import replacing
from comfy_gen.errors import InvalidParameterError, OutputPathError

if TYPE_CHECKING:
    from collections.abc import Sequence

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".mp4", ".webm", ".mov", ".mkv"}
    | {".wav", ".mp3", ".flac", ".ogg", ".glb"}
)
"""What files of pictures, videos and sounds end in; nothing else is written, so that nothing is that would be run."""
LARGEST = 100 * 2**20
"""Bytes of a file that is read; a service takes no larger one."""


class Folders:
    """Some folders that are open to agents."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(Path(os.path.realpath(root.expanduser())) for root in roots)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders themselves, resolved."""
        return self._roots

    def check(self, path: str, *, name: str = "output_path") -> Path:
        """Return the place that a path means; a relative one begins in the first folder.

        Raises:
            InvalidParameterError: it leads out of the folders, or is not the name of a picture's file.
        """
        place = self._resolved(path, name)
        if place.suffix.lower() not in SUFFIXES:
            expected = "the name of a file of pictures, videos or sounds, such as picture.png"
            raise InvalidParameterError(name, path, expected)
        if os.path.isdir(place):  # noqa: PTH112  # a Path raises where a name is too long
            raise InvalidParameterError(name, path, "the name of a file, not of a folder")
        if _is_too_long(place):
            raise InvalidParameterError(name, path, "a name that the disk takes: this one is too long")
        return place

    def save(self, path: Path, content: bytes, *, may_replace: bool = False) -> None:
        """Write a file, whole or not at all, with the folders that it needs; blocks.

        Raises:
            InvalidParameterError: the path leads out by now, or another file has it that must not be replaced.
            OutputPathError: the disk does not take it.
        """
        place = self.check(str(path))
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if not may_replace:
                place.open("xb").close()  # the name is taken from here on, so that nobody else's file is replaced
        except FileExistsError as error:
            advice = "choose another name, or say that it is to be replaced."
            raise InvalidParameterError(
                "output_path", str(path), "the name of no file that is there", advice
            ) from error
        except OSError as error:
            raise OutputPathError(place, error.strerror or str(error)) from error
        try:
            with replacing(place) as file:
                file.write(content)
        except BaseException:
            if not may_replace:
                place.unlink(missing_ok=True)
            raise

    def read(self, path: str, *, name: str = "path") -> bytes:
        """Return the content of a file; blocks.

        Raises:
            InvalidParameterError: it leads out of the folders, is too large, or cannot be read.
        """
        place = self.check(path, name=name)
        try:
            if not stat.S_ISREG((found := place.stat()).st_mode):  # a pipe would be read until somebody writes
                raise InvalidParameterError(name, path, "a file, and nothing that is like one")
            if found.st_size > LARGEST:
                raise InvalidParameterError(name, path, f"a file of at most {LARGEST // 2**20} MB")
            return place.read_bytes()
        except OSError as error:
            raise InvalidParameterError(name, path, f"a file that can be read ({error.strerror})") from error

    def _resolved(self, path: str, name: str) -> Path:
        if not self._roots:
            advice = "use the url of the answer; or have the server started with a folder for files."
            raise InvalidParameterError(name, path, "left out: this server has no folder for files", advice)
        if not path.strip():
            raise InvalidParameterError(name, path, "the path of a file")
        whole = os.path.expanduser(path)  # noqa: PTH111  # a Path raises where nobody is called so
        try:
            place = Path(os.path.realpath(self._roots[0] / whole))
        except ValueError as error:  # it has a NUL, or half of a character
            raise InvalidParameterError(name, path, "the path of a file") from error
        leads_out = ".." in Path(path).parts or whole.startswith("~")
        if leads_out or not any(place.is_relative_to(root) for root in self._roots):
            raise InvalidParameterError(name, path, f"a path inside {' or '.join(map(str, self._roots))}")
        return place


def _is_too_long(place: Path) -> bool:
    try:
        place.lstat()
    except OSError as error:
        return error.errno == errno.ENAMETOOLONG
    return False
