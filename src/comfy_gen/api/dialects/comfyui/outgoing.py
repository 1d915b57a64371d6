"""What one socket has yet to be sent: never more than fits, however slowly its client reads."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from comfy_gen.api.dialects.comfyui.frames import Picture

MOST = 16 * 2**20
"""Bytes that may wait. Whoever has not read them when more comes is given up: they come again, and miss nothing that
the history has not."""
MOST_PASSING = 2 * 2**20
"""Bytes of passing pictures that may wait: newer ones take their place."""


@dataclass(frozen=True, slots=True)
class _Item:
    payload: str | bytes
    is_passing: bool


class Outgoing:
    """The messages of one socket, in their order. Lives on one loop; iterating takes them, until it is closed."""

    def __init__(self) -> None:
        self.wants_labels = False
        """Whether its client takes pictures that say whose they are."""
        self.is_given_up = False
        """Whether its client reads too slowly."""
        self._late: _Item | None = None
        """A picture that is sent after the next message."""
        self._closed = asyncio.Event()
        self._items: deque[_Item] = deque()
        self._size = 0
        self._passing = 0
        self._has_some = asyncio.Event()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str | bytes:
        await self._has_some.wait()
        if self._closed.is_set():
            raise StopAsyncIteration
        item = self._items.popleft()
        self._count(item, -1)
        if not self._items:
            self._has_some.clear()
        return item.payload

    def tell(self, payload: str | bytes) -> None:
        """Add a message."""
        self._add(_Item(payload, is_passing=False))
        self._add_late()

    def show(self, picture: Picture) -> None:
        """Add a picture, the way its client takes it."""
        item = _Item(picture.labelled if self.wants_labels else picture.plain, picture.is_passing)
        if item.is_passing and self._passing + len(item.payload) > MOST_PASSING:
            self._drop_passing()
        self._add_late()
        if picture.is_early and not self.wants_labels:
            self._late = item
        else:
            self._add(item)

    def close(self) -> None:
        """Have nothing more be sent."""
        self._closed.set()
        self._items.clear()
        self._has_some.set()

    async def closed(self) -> None:
        """Wait until nothing more is to be sent."""
        await self._closed.wait()

    def _add_late(self) -> None:
        late, self._late = self._late, None
        if late is not None:
            self._add(late)

    def _add(self, item: _Item) -> None:
        if self._size > MOST:
            self._drop_passing()
        if self._size > MOST:
            self.is_given_up = True
            self.close()
        if not self._closed.is_set():
            self._items.append(item)
            self._count(item, 1)
            self._has_some.set()

    def _drop_passing(self) -> None:
        self._items = deque(item for item in self._items if not item.is_passing)
        self._size, self._passing = self._size - self._passing, 0
        if not self._items and not self._closed.is_set():
            self._has_some.clear()

    def _count(self, item: _Item, sign: int) -> None:
        self._size += sign * len(item.payload)
        self._passing += sign * len(item.payload) * item.is_passing
