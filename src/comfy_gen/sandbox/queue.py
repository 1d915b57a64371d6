"""What waits, what runs and what has run, as a ComfyUI keeps them: in memory only. Pure."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comfy_gen.workflows.graph import Workflow

MAX_HISTORY = 10_000


class Item(NamedTuple):
    """One prompt in the queue, in the order of fields in which ``GET /queue`` shows it."""

    number: float
    prompt_id: str
    prompt: Workflow
    extra_data: dict[str, Any]
    outputs: list[str]

    @property
    def client_id(self) -> str | None:
        """Whom to tell of the execution; None for a prompt sent without one, or with one that no socket can have."""
        client_id = self.extra_data.get("client_id")
        return client_id if isinstance(client_id, str) else None


class PromptQueue:
    """Prompts by ``number``; equal numbers go by prompt id, not by arrival (that is ComfyUI's heap)."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, str, int, Item]] = []
        self._arrivals = 0
        self.running: Item | None = None

    @property
    def pending(self) -> list[Item]:
        """Those that wait, in the heap's order: only the first is sure to be next."""
        return [entry[-1] for entry in self._heap]

    @property
    def remaining(self) -> int:
        """Those that run or wait."""
        return len(self._heap) + (self.running is not None)

    def put(self, item: Item) -> None:
        """Queue a prompt."""
        self._arrivals += 1  # the same number and id twice: the dicts behind them cannot be compared
        heapq.heappush(self._heap, (item.number, item.prompt_id, self._arrivals, item))

    def take(self) -> Item | None:
        """Make the next prompt the running one and return it."""
        self.running = heapq.heappop(self._heap)[-1] if self._heap else None
        return self.running

    def finish(self) -> None:
        """Note that the running prompt has ended."""
        self.running = None

    def clear(self) -> None:
        """Forget those that wait."""
        self._heap.clear()

    def delete(self, prompt_ids: Iterable[str]) -> bool:
        """Forget one waiting prompt for each id; return whether any was there. A running one stays."""
        changed = False
        for prompt_id in prompt_ids:
            found = next((entry for entry in self._heap if entry[1] == prompt_id), None)
            if found:
                self._heap.remove(found)
                heapq.heapify(self._heap)
                changed = True
        return changed

    def as_json(self) -> dict[str, list[Item]]:
        """Return the body of ``GET /queue``."""
        return {"queue_running": [self.running] if self.running else [], "queue_pending": self.pending}


class History:
    """What has run, oldest first; the oldest go when there are more than ``MAX_HISTORY``."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Any]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, prompt_id: str, entry: dict[str, Any]) -> None:
        """Keep an entry; one of the same id is replaced in its place."""
        if len(self._entries) > MAX_HISTORY:
            del self._entries[next(iter(self._entries))]
        self._entries[prompt_id] = entry

    def get(self, prompt_id: str) -> dict[str, Any]:
        """Return the body of ``GET /history/{id}``: empty when it is unknown or has not run to its end."""
        return {prompt_id: self._entries[prompt_id]} if prompt_id in self._entries else {}

    def page(self, *, max_items: int | None = None, offset: int = -1) -> dict[str, Any]:
        """Return the body of ``GET /history``: the last ``max_items``, or as many from ``offset`` on."""
        if offset < 0 and max_items is not None:
            offset = len(self._entries) - max_items
        entries = list(self._entries.items())[max(offset, 0) :]
        if offset > len(self._entries):
            entries = []
        # ComfyUI stops after the entry that fills the page, so a page of none still shows one.
        return dict(entries if max_items is None else entries[: max(max_items, 1)])

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()

    def delete(self, prompt_ids: Iterable[str]) -> None:
        """Forget these; unknown ones are ignored."""
        for prompt_id in prompt_ids:
            self._entries.pop(prompt_id, None)
