"""Follows one attempt: how far it is, what each node took, and when it last got on. Pure; time comes in as ``now``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.comfyui.tracker import NodeStarted, Outcome, Started, Stepped, Waiting

if TYPE_CHECKING:
    from comfy_gen.comfyui.tracker import Event


class Progress:
    """The progress of one prompt."""

    def __init__(self, now: float) -> None:
        self.sent = now
        self.moved = now
        """When it last got on."""
        self.started: float | None = None
        """When the engine began to run it."""
        self.ended: float | None = None
        self.nodes: dict[str, float] = {}
        """Seconds by node."""
        self.has_stepped = False
        """Whether a sampler counts already: the models are loaded then."""
        self._done = 0
        self._total = 0
        self._part = 0.0
        self._node: tuple[str, float] | None = None
        self._facts: dict[str, Any] = {}

    @property
    def fraction(self) -> float:
        """How much of it is done, from 0 to 1, each node counting the same."""
        return min((self._done + self._part) / self._total, 1.0) if self._total else 0.0

    @property
    def facts(self) -> dict[str, Any]:
        """What a person is told besides: how many nodes are done, the one that runs, its class and its steps."""
        counted = {"nodes_done": self._done, "nodes_total": self._total} if self._total else {}
        return self._facts | counted

    @property
    def standing(self) -> dict[str, Any]:
        """Which node runs, and which ran before it, as ComfyUI tells it of a prompt that is interrupted."""
        node_id, class_type = self._facts.get("node_id", ""), self._facts.get("class_type", "")
        return {"node_id": node_id, "node_type": class_type, "executed": [*self.nodes]}

    @property
    def seconds(self) -> float | None:
        """How long the engine took; None until it is done."""
        return None if self.started is None or self.ended is None else self.ended - self.started

    @property
    def timings(self) -> dict[str, Any]:
        """Seconds: in the engine's own queue, on the engine, and for each node; what is not known is not there."""
        known: dict[str, Any] = {"nodes": dict(self.nodes)}
        if self.started is not None:
            known["engine_queue"] = round(self.started - self.sent, 3)
        if self.seconds is not None:
            known["generate"] = round(self.seconds, 3)
        return known

    def feed(self, event: Event, *, now: float) -> bool:
        """Take in an event and tell whether somebody who watches should be told."""
        self.moved = now
        match event:
            case Waiting():
                self._facts = {"ahead": event.ahead}
            case Started():
                self._start(now)
                self._total, self._done = event.total, len(event.cached)
            case NodeStarted():
                self._begin(event, now)
            case Stepped():
                self.has_stepped = True
                self._part = min(event.value / event.maximum, 1.0) if event.maximum else 0.0
                self._facts |= {"step": int(event.value), "steps": int(event.maximum)}
            case Outcome():
                self._end_node(now)
                self.ended = now
                return False
            case _:
                return False
        return True

    def _start(self, now: float) -> None:
        if self.started is None:
            self.started = now

    def _begin(self, event: NodeStarted, now: float) -> None:
        self._start(now)
        self._end_node(now)
        self._node = (event.node_id, now)
        self._done, self._total, self._part = event.done, max(event.total, event.done + 1), 0.0
        self._facts = {"node_id": event.node_id, "class_type": event.class_type}

    def _end_node(self, now: float) -> None:
        if self._node is not None:
            node_id, began = self._node
            self.nodes[node_id] = round(self.nodes.get(node_id, 0.0) + now - began, 4)
            self._node = None
