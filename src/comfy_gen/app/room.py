"""Says how much more of what people send along may be kept: all uploads of all callers have one bound."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from comfy_gen.app.artifacts import artifacts_folder
from comfy_gen.errors import UploadsFullError
from comfy_gen.pipeline.inputs import FOLDER
from comfy_gen.storage.folder_files import folder_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from comfy_gen.config import Settings
    from comfy_gen.storage.stored_file import StoredFile

FRESH = 300.0
"""Seconds for which what lies there is not summed up again: what is added meanwhile is counted, by this process."""


class Room:
    """What is left for uploads. Lives on one loop."""

    def __init__(
        self,
        limit: int | None,
        files: Callable[[], Iterable[StoredFile]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Know how many bytes all may have together, None for any number, and what lists the files that there are."""
        self._limit = limit
        self._files = files
        self._clock = clock
        self._used = 0
        self._looked = -FRESH
        self._lock = asyncio.Lock()

    async def take(self, size: int) -> None:
        """Have a file of so many bytes be counted. What is there already counts twice, until all is summed up anew.

        Raises:
            UploadsFullError: it is too much.
            StorageError: what is there cannot be told.
        """
        if self._limit is None:
            return
        async with self._lock:
            if self._clock() - self._looked >= FRESH:
                self._used, self._looked = await asyncio.to_thread(self._sum), self._clock()
            if self._used + size > self._limit:
                raise UploadsFullError(size, self._used, self._limit)
            self._used += size

    def _sum(self) -> int:
        return sum(file.size for file in self._files())


def room_for_uploads(settings: Settings) -> Room:
    """Return the room that the settings give to uploads."""

    def files() -> Iterable[StoredFile]:
        if not settings.keeps_in_bucket:
            return folder_files(artifacts_folder(settings) / FOLDER)
        from comfy_gen.storage.bucket_rules import BucketRules  # noqa: PLC0415  # few need it

        return BucketRules(settings.bucket).files(f"{FOLDER}/")

    return Room(settings.api.max_uploads, files)
