"""The handle of one prompt on one engine: its events while it runs, its outcome when it ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from comfy_gen.comfyui.tracker import Event, Outcome, Previewed, Tracker
from comfy_gen.errors import WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from typing import Any

    from comfy_gen.comfyui.bodies import HistoryEntry
    from comfy_gen.comfyui.messages import Frame, Message
    from comfy_gen.errors import ComfyGenError


class Run:
    """One prompt that a client follows. Made by `AsyncComfyUIClient.submit` and ``attach``."""

    def __init__(
        self, tracker: Tracker, *, previews: bool = False, now: float = 0.0, observed: set[Run] | None = None
    ) -> None:
        self.tracker = tracker
        self.number: float | None = None
        """The place the server gave it; the lowest runs first."""
        self.is_accepted = False
        """Whether the server is known to have it: until then nobody may look for it and miss it."""
        self.last_heard = now
        """When anything was last heard of it, by the loop's clock."""
        self.looks = 0
        """How often it was looked up since then."""
        self.heard: Callable[[Frame], object] | None = None
        """Is given all that the server says of it, as it came."""
        self._previews = previews
        self._listeners = 0
        self._events: list[Event] = []
        self._early: list[Message] = []
        """Heard before the server's answer, which alone tells whether the prompt is whole."""
        self._changed = asyncio.Event()
        self._ended = asyncio.Event()
        self._observed = observed if observed is not None else set[Run]()

    @property
    def prompt_id(self) -> str:
        """The id under which the server knows it."""
        return self.tracker.prompt_id

    @property
    def node_errors(self) -> Mapping[str, Any]:
        """What the server said of outputs that it dropped; empty when all will run."""
        return self.tracker.node_errors

    @property
    def outcome(self) -> Outcome | None:
        """The outcome, once there is one."""
        return self.tracker.outcome

    async def events(self) -> AsyncIterator[Event]:
        """Yield every event from the first one on, the last being the `Outcome`; several may listen.

        Preview pictures come only when asked for (``submit(…, previews=True)``).
        """
        self._observed.add(self)
        self._listeners += 1
        seen = 0
        try:
            while True:
                while seen < len(self._events):
                    yield self._events[seen]
                    seen += 1
                if self.outcome is not None:
                    return
                self._changed.clear()
                await self._changed.wait()
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._observed.discard(self)

    async def result(self, timeout: float | None = None) -> Outcome:  # noqa: ASYNC109  # the caller's patience, part of the contract
        """Wait for the end and return the outcome, good or bad.

        Raises:
            WaitTimeoutError: it did not end within ``timeout`` seconds; it goes on.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._ended.wait()
        except TimeoutError as error:
            raise WaitTimeoutError(prompt_id=self.prompt_id, seconds=timeout or 0.0) from error
        if self.outcome is None:
            raise AssertionError("a run ends with an outcome")
        return self.outcome

    def accept(self, answer: Mapping[str, Any]) -> None:
        """Take in what the server answered when it took the prompt, and what came over the socket before that."""
        self.tracker.node_errors = answer.get("node_errors") or {}
        self.number = answer.get("number")
        self.is_accepted = True
        for message in self._early:
            self._publish(self.tracker.feed(message))
        self._early.clear()

    def feed(self, message: Message, *, now: float) -> None:
        """Take in a message of the socket."""
        self.last_heard, self.looks = now, 0
        if self.is_accepted:
            self._publish(self.tracker.feed(message))
        else:
            self._early.append(message)

    def gap(self) -> None:
        """Take in that messages may have been missed."""
        self._publish(self.tracker.gap())

    def settle(self, entry: HistoryEntry | None, *, position: int | None) -> None:
        """Take in what queue and history say."""
        self._publish(self.tracker.settle(entry, position=position))

    def remove(self) -> None:
        """Take in that the prompt was taken out of the queue before it ran."""
        self._publish(self.tracker.remove())

    def give_up(self, error: ComfyGenError) -> None:
        """Take in that nobody follows it any more."""
        self._publish(self.tracker.give_up(error))

    def rename(self, prompt_id: str) -> None:
        """Take in that the server gave it another id, as old ones do; what it said so far was not heard."""
        self.tracker.prompt_id = prompt_id
        self.tracker.gap()

    def _publish(self, events: list[Event]) -> None:
        kept = [event for event in events if self._previews or not isinstance(event, Previewed)]
        if kept:
            self._events.extend(kept)
            self._changed.set()
        if self.outcome is not None:
            self._ended.set()
