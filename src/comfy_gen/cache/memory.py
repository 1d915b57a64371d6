"""A cache in this process: bounded, with what was used longest ago dropped first."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_BYTES = 64 * 2**20
_OVERHEAD = 200
"""Bytes that an entry takes beside its key and its value, roughly."""


class MemoryCache:
    """A `Cache` that holds at most so many bytes."""

    def __init__(self, limit: int = DEFAULT_BYTES, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._size = 0

    async def get(self, key: str) -> bytes | None:
        """See `Cache.get`."""
        found = self._entries.get(key)
        if found is None:
            return None
        value, expires = found
        if expires <= self._clock():
            self._forget(key)
            return None
        self._entries.move_to_end(key)
        return value

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """See `Cache.put`. What is larger than the cache is not kept."""
        self._forget(key)
        if seconds <= 0 or _weight(key, value) > self._limit:
            return
        self._entries[key] = (value, self._clock() + seconds)
        self._size += _weight(key, value)
        while self._size > self._limit:
            self._forget(next(iter(self._entries)))

    async def drop(self, key: str) -> None:
        """See `Cache.drop`."""
        self._forget(key)

    async def close(self) -> None:
        """See `Cache.close`."""
        self._entries.clear()
        self._size = 0

    def _forget(self, key: str) -> None:
        if key in self._entries:
            value, _ = self._entries.pop(key)
            self._size -= _weight(key, value)


def _weight(key: str, value: bytes) -> int:
    return len(key) + len(value) + _OVERHEAD
