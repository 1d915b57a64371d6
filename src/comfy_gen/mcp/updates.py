"""Turns a job's events into the documented progress updates. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from comfy_gen.mcp.event_stream import JobEvent

_STAGES = {
    "queued": "Waiting for an engine",
    "preprocessing": "Preparing the inputs",
    "postprocessing": "Storing the outputs",
}
_ENDS = frozenset({"completed", "partial", "failed", "cancelled"})
_MADE = frozenset({"completed", "partial"})


def connected(prompt_id: str) -> dict[str, Any]:
    """Return the update that says that the job can be followed."""
    return _update("connected", prompt_id, "Connected: following the job")


def update_of(event: JobEvent, prompt_id: str, *, eta_seconds: float | None = None) -> dict[str, Any] | None:
    """Return what an event says of the progress; None for those that say nothing of it."""
    match event.type:
        case "state":
            return _state(event.data, prompt_id)
        case "progress":
            return _progress(event.data, prompt_id, eta_seconds)
        case "note":
            return _update("progress", prompt_id, _sentence(str(event.data.get("text", ""))))
        case "end":
            return _end(event.data, prompt_id)
        case _:
            return None


class Meter:
    """Measures one job: how much of it is done, which never shrinks, and how long it will yet take."""

    def __init__(self, prompt_id: str) -> None:
        self._prompt_id = prompt_id
        self._first: tuple[object, float, float] | None = None
        """Node, step and time of a sampler's first count: what comes before it, such as loading, tells no speed."""
        self.overall = 0.0
        """How much of the whole job is done, from 0 to 100."""

    def feed(self, event: JobEvent) -> dict[str, Any] | None:
        """Return what an event says of the progress; None for those that say nothing of it."""
        update = update_of(event, self._prompt_id, eta_seconds=self._eta(event.data))
        if event.type == "progress":
            self.overall = max(self.overall, min(100 * _number(event.data.get("progress")), 100.0))
        elif update is not None and update["type"] == "complete":
            self.overall = 100.0
        return update

    def _eta(self, data: dict[str, Any]) -> float | None:
        step, steps, at = (data.get(name) for name in ("step", "steps", "at"))
        if not (isinstance(step, int) and isinstance(steps, int) and isinstance(at, int | float)):
            return None
        node = data.get("node_id")
        if self._first is None or self._first[0] != node or step < self._first[1]:
            self._first = node, step, at
        done, took = step - self._first[1], at - self._first[2]
        return round((steps - step) * took / done, 1) if done > 0 and took > 0 else None


def _state(data: dict[str, Any], prompt_id: str) -> dict[str, Any] | None:
    state = str(data.get("state"))
    if state in _ENDS:
        return None  # the event `end` tells it, with what came of it
    if state == "generating":
        where = f" on {data['engine']}" if data.get("engine") else ""
        return _update("start", prompt_id, f"Generation started{where}")
    return _update("progress", prompt_id, _STAGES.get(state, _sentence(state)))


def _progress(data: dict[str, Any], prompt_id: str, eta_seconds: float | None) -> dict[str, Any] | None:
    step, steps = data.get("step"), data.get("steps")
    if isinstance(step, int) and isinstance(steps, int):
        percent = round(100 * step / steps) if steps else 0
        told = f"Sampling: {step}/{steps} steps ({percent}%)"
        facts = {"step": step, "max_steps": steps, "percent": percent, "eta_seconds": eta_seconds}
        return _update("progress", prompt_id, told, **facts)
    if "node_id" in data:
        return _update("node", prompt_id, f"Running {data.get('class_type') or 'node'} ({data['node_id']})")
    if done := _number(data.get("progress")):
        return _update("cached", prompt_id, f"{round(100 * done)}% of the nodes are cached")
    if ahead := data.get("ahead"):
        return _update("progress", prompt_id, f"Waiting on the engine: {ahead} ahead")
    return None


def _end(data: dict[str, Any], prompt_id: str) -> dict[str, Any]:
    is_made = str(data.get("state")) in _MADE
    told = str(data.get("message") or ("Generation completed" if is_made else "Generation failed"))
    return _update("complete", prompt_id, told, percent=100) if is_made else _update("error", prompt_id, told)


def _update(kind: str, prompt_id: str, message: str, **facts: object) -> dict[str, Any]:
    """Return an update with the fields that are known."""
    known = {name: value for name, value in facts.items() if value is not None}
    return {"type": kind, "prompt_id": prompt_id, **known, "message": message}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
