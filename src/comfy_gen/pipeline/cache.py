"""Keeps fetched files by their content in a folder that grows to a bound; what was not used for longest goes first."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comfy_gen.atomic import replacing
from comfy_gen.errors import OutputPathError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from os import stat_result
    from pathlib import Path

RESPITE = 600.0
"""Seconds in which a file stays though there is no room: somebody may be about to upload it."""


@dataclass(frozen=True, slots=True)
class AssetCache:
    """A folder of files under names that only their content has. Blocking: call it from a thread."""

    folder: Path
    max_bytes: int = 2 * 1024**3
    clock: Callable[[], float] = field(default=time.time, repr=False)
    """Epoch seconds, as the files' times are."""

    def keep(self, name: str, content: bytes) -> Path:
        """Store a file under the name of its content, unless it is here, and return where.

        Raises:
            StorageError: it cannot be stored.
        """
        path = self.folder / name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self._touch(path, size=len(content)):
                with replacing(path) as file:
                    file.write(content)
                self._touch(path, size=len(content))
                self._make_room()
        except (OutputPathError, OSError) as error:
            reason = error.reason if isinstance(error, OutputPathError) else error.strerror or str(error)
            raise StorageError(name, reason, f"make room on the disk of {self.folder}.") from error
        return path

    def _touch(self, path: Path, *, size: int) -> bool:
        """Mark a file as just used; false where it is not here, or was cut short."""
        try:
            if path.stat().st_size != size:
                return False
            os.utime(path, (self.clock(), self.clock()))
        except FileNotFoundError:  # also where another process made room just now
            return False
        return True

    def _make_room(self) -> None:
        entries = sorted(self._entries(), key=lambda entry: entry[1].st_mtime)
        excess = sum(facts.st_size for _, facts in entries) - self.max_bytes
        for path, facts in entries:
            if excess <= 0 or facts.st_mtime > self.clock() - RESPITE:
                return
            path.unlink(missing_ok=True)
            excess -= facts.st_size

    def _entries(self) -> Iterator[tuple[Path, stat_result]]:
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):
                yield path, path.stat()
