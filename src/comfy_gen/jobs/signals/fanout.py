"""Those in this process who wait for signals, and what each of them has not heard yet."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Self

from comfy_gen.jobs.signals.signals import ANYTHING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator

MOST_PENDING = 1000
"""So many different topics a reader may have pending; more are one ``ANYTHING``."""


class Subscription:
    """What one reader has yet to hear. Lives on the loop on which it was made."""

    def __init__(self, topics: frozenset[str]) -> None:
        self._topics = topics
        self._pending: dict[str, None] = {}  # in the order in which they came
        self._has_some = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        await self._has_some.wait()
        topic = next(iter(self._pending))
        del self._pending[topic]
        if not self._pending:
            self._has_some.clear()
        return topic

    def tell(self, topic: str) -> None:
        """Add a topic, if it is wanted; from any thread."""
        if not self._topics or topic in self._topics or topic == ANYTHING:
            with contextlib.suppress(RuntimeError):  # its loop is closed: nobody is left to hear
                self._loop.call_soon_threadsafe(self._add, topic)

    def _add(self, topic: str) -> None:
        if len(self._pending) >= MOST_PENDING:
            self._pending.clear()
            topic = ANYTHING
        self._pending[topic] = None
        self._has_some.set()


class Fanout:
    """The subscriptions of one process."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._subscriptions)

    def tell(self, topic: str) -> None:
        """Tell everybody who wants to know; from any thread."""
        with self._lock:
            subscriptions = tuple(self._subscriptions)
        for subscription in subscriptions:
            subscription.tell(topic)

    @contextlib.contextmanager
    def subscribe(self, *topics: str) -> Generator[AsyncIterator[str]]:
        """Hear topics while the context lasts."""
        subscription = Subscription(frozenset(topics))
        with self._lock:
            self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            with self._lock:
                self._subscriptions.discard(subscription)
