"""Keeps the books of a prompt that runs: what its client is told, in ComfyUI's order, and what its history will say."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from comfy_gen.sandbox.frames import node_state

if TYPE_CHECKING:
    from comfy_gen.sandbox.queue import Item


class Send(Protocol):
    """Sends a text message to one client, or to all where ``to`` is None."""

    def __call__(self, kind: str, data: dict[str, Any], *, to: str | None) -> None:
        """Send it."""
        ...


class Run:
    """One prompt from ``execution_start`` to its history entry."""

    def __init__(self, item: Item, send: Send) -> None:
        self.item = item
        self.node_id: str | None = None
        """The node that runs now."""
        self.executed: list[str] = []
        self._send = send
        self._messages: list[tuple[str, dict[str, Any]]] = []
        self._states: dict[str, dict[str, Any]] = {}
        self._outputs: dict[str, Any] = {}
        self._meta: dict[str, Any] = {}

    @property
    def _client(self) -> str | None:
        return self.item.client_id

    def begin(self) -> None:
        """Say that the prompt starts."""
        self._say("execution_start", {"prompt_id": self.item.prompt_id})

    def skip(self, cached: list[str]) -> None:
        """Say which nodes need not run again."""
        self._say("execution_cached", {"nodes": cached, "prompt_id": self.item.prompt_id})

    def start_node(self, node_id: str) -> None:
        """Say that a node runs."""
        self.node_id = node_id
        self._state(node_id, 0.0, 1.0, "running")
        self._tell("executing", {"node": node_id, "display_node": node_id, "prompt_id": self.item.prompt_id})

    def finish_node(self, node_id: str, ui: dict[str, Any] | None) -> None:
        """Say that a node has run, and what it shows."""
        self.executed.append(node_id)
        if ui:
            self._show(node_id, ui)
            self._tell_shown(node_id, ui)
        self._finish_state(node_id)

    def recall_node(self, node_id: str, ui: dict[str, Any] | None) -> None:
        """Say what a node showed when it last ran.

        Without a client id nobody is told and, as in ComfyUI 0.3.75, the history misses it too.
        """
        if self._client is not None:
            self._tell_shown(node_id, ui)
            if ui:
                self._show(node_id, ui)
        self._finish_state(node_id)

    def report_step(self, value: int, most: int) -> None:
        """Say how far the running node is: the state of all nodes; ``report_progress`` gives the old message."""
        self._state(str(self.node_id), value, most, "running")

    def report_progress(self, value: int, most: int) -> None:
        """Say how far the running node is, in the older message that follows or precedes the preview."""
        data = {"value": value, "max": most, "prompt_id": self.item.prompt_id, "node": self.node_id}
        self._send("progress", data, to=self._client)

    def succeed(self) -> None:
        """Say that all has run."""
        self._say("execution_success", {"prompt_id": self.item.prompt_id})

    def fail(self, error: dict[str, Any]) -> None:
        """Say that the running node raised."""
        self._say("execution_error", {**self._where(), **error})

    def interrupt(self) -> None:
        """Say that somebody stopped the prompt; without a client id everybody hears it."""
        self._say("execution_interrupted", self._where(), broadcast=True)

    def entry(self) -> dict[str, Any]:
        """Return the entry for the history."""
        completed = self._messages[-1][0] == "execution_success"
        return {
            "prompt": self.item,
            "outputs": self._outputs,
            "status": {
                "status_str": "success" if completed else "error",
                "completed": completed,
                "messages": self._messages,
            },
            "meta": self._meta,
        }

    def _where(self) -> dict[str, Any]:
        return {
            "prompt_id": self.item.prompt_id,
            "node_id": self.node_id,
            "node_type": self.item.prompt[str(self.node_id)]["class_type"],
            "executed": list(self.executed),
        }

    def _say(self, kind: str, data: dict[str, Any], *, broadcast: bool = False) -> None:
        stamped = {**data, "timestamp": time.time_ns() // 1_000_000}
        self._messages.append((kind, stamped))
        if broadcast or self._client is not None:
            self._send(kind, stamped, to=self._client)

    def _tell(self, kind: str, data: dict[str, Any]) -> None:
        if self._client is not None:
            self._send(kind, data, to=self._client)

    def _tell_shown(self, node_id: str, ui: dict[str, Any] | None) -> None:
        data = {"node": node_id, "display_node": node_id, "output": ui, "prompt_id": self.item.prompt_id}
        self._tell("executed", data)

    def _show(self, node_id: str, ui: dict[str, Any]) -> None:
        self._outputs[node_id] = ui
        self._meta[node_id] = {
            "node_id": node_id,
            "display_node": node_id,
            "parent_node": None,
            "real_node_id": node_id,
        }

    def _finish_state(self, node_id: str) -> None:
        most = self._states[node_id]["max"] if node_id in self._states else 1
        self._state(node_id, most, most, "finished")

    def _state(self, node_id: str, value: float, most: float, state: str) -> None:
        self._states[node_id] = node_state(node_id, self.item.prompt_id, value=value, most=most, state=state)
        # progress_state and progress go to everybody when the prompt has no client id; that is no slip of ours.
        self._send("progress_state", {"prompt_id": self.item.prompt_id, "nodes": self._states}, to=self._client)
