"""Tells how a prompt goes on as a ComfyUI would, of what the store knows of its job. Pure.

For jobs whose engine another process listens to: what that process reports, a few times a second, is less than what
the engine says. So nodes that are quickly done may go untold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.api.dialects.comfyui.outputs import placed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from comfy_gen.comfyui.messages import Raw


class Narrator:
    """What is told of one attempt at a job."""

    def __init__(self, job_id: str) -> None:
        self.node: str | None = None
        """The node that runs, so far as was told."""
        self._job_id = job_id
        self._nodes: dict[str, dict[str, Any]] = {}
        self._step: tuple[str, Any] | None = None

    def tell(self, report: Mapping[str, Any]) -> list[Raw]:
        """Return what is new in what was last reported of the attempt."""
        node = report.get("node_id")
        if not isinstance(node, str) or not node:
            return []
        return [*self._begin(node), *self._count(node, report)]

    def end(self) -> list[Raw]:
        """Return that the last node is done."""
        return self._finish()

    def _begin(self, node: str) -> list[Raw]:
        if node == self.node:
            return []
        finished = self._finish()
        self.node = node
        self._nodes[node] = _node(self._job_id, node, value=0.0, most=1.0, state="running")
        return [*finished, self._standing(), executing(self._job_id, node)]

    def _count(self, node: str, report: Mapping[str, Any]) -> list[Raw]:
        step, steps = report.get("step"), report.get("steps")
        if step is None or steps is None or self._step == (node, step):
            return []
        self._step = node, step
        self._nodes[node] = _node(self._job_id, node, value=float(step), most=float(steps), state="running")
        counted = {"value": step, "max": steps, "prompt_id": self._job_id, "node": node}
        return [self._standing(), {"type": "progress", "data": counted}]

    def _finish(self) -> list[Raw]:
        if self.node is None:
            return []
        most = self._nodes[self.node]["max"]
        self._nodes[self.node] = _node(self._job_id, self.node, value=most, most=most, state="finished")
        self.node = None
        return [self._standing()]

    def _standing(self) -> Raw:
        return {"type": "progress_state", "data": {"prompt_id": self._job_id, "nodes": dict(self._nodes)}}


def began(job_id: str, *, timestamp: int) -> list[Raw]:
    """Return what is told first of a run."""
    facts: Raw = {"prompt_id": job_id, "timestamp": timestamp}
    return [
        {"type": "execution_start", "data": facts},
        {"type": "execution_cached", "data": {"nodes": [], **facts}},
    ]


def executing(job_id: str, node: str | None) -> Raw:
    """Return that a node begins; without one, that the prompt is over and its history entry exists."""
    if node is None:
        return {"type": "executing", "data": {"node": None, "prompt_id": job_id}}
    return {"type": "executing", "data": {"node": node, "display_node": node, "prompt_id": job_id}}


def executed(job_id: str, outputs: Mapping[str, Mapping[str, Any]], *, without: Collection[str]) -> list[Raw]:
    """Return what output nodes gave, by node as engines have it, but for those of which it was told already."""
    return [
        {
            "type": "executed",
            "data": {"node": node, "display_node": node, "output": placed(job_id, node, output), "prompt_id": job_id},
        }
        for node, output in outputs.items()
        if node not in without
    ]


def status(length: int, sid: str | None = None) -> Raw:
    """Return how many prompts wait and run; for somebody who has just come, also what they are called."""
    facts: Raw = {"status": {"exec_info": {"queue_remaining": length}}}
    return {"type": "status", "data": facts if sid is None else {**facts, "sid": sid}}


def _node(job_id: str, node: str, *, value: float, most: float, state: str) -> dict[str, Any]:
    return {
        "value": value,
        "max": most,
        "state": state,
        "node_id": node,
        "prompt_id": job_id,
        "display_node_id": node,
        "parent_node_id": None,
        "real_node_id": node,
    }
