"""What a store tells of a file without opening it. Pure."""

from __future__ import annotations

import heapq
import mimetypes
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that lies in a bucket, or in the folder that stands for one."""

    key: str
    size: int
    """Bytes."""
    changed: float
    """When it was stored, in seconds since 1970."""

    @property
    def is_picture(self) -> bool:
        """Whether its name is a picture's."""
        return (mimetypes.guess_type(self.key)[0] or "").startswith("image/")


@dataclass(frozen=True, slots=True)
class Listing:
    """Some files, and how many there are in all."""

    files: tuple[StoredFile, ...]
    """The newest first."""
    count: int
    size: int
    """Bytes, of all of them."""


def listing_of(files: Iterable[StoredFile], limit: int) -> Listing:
    """Return the newest of any number of files, while only so many are in memory at a time."""
    count = size = 0

    def counted() -> Iterable[StoredFile]:
        nonlocal count, size
        for file in files:
            count, size = count + 1, size + file.size
            yield file

    newest = heapq.nlargest(limit, counted(), key=lambda file: (file.changed, file.key))
    return Listing(tuple(newest), count, size)
