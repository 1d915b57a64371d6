"""Turns a prompt's events into progress a person or a program can follow: percent, speed, time left. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from comfy_gen.comfyui.tracker import Event, NodeStarted, Produced, Started, Stepped
from comfy_gen.pipeline.judgement import take_line

if TYPE_CHECKING:
    from comfy_gen.errors import ComfyGenError
    from comfy_gen.validation.takes import Take

UpdateType = Literal["connected", "start", "progress", "node", "cached", "judging", "take", "complete", "error"]


@dataclass(frozen=True, slots=True)
class Update:
    """One line of ``--json-progress``; what is not known is None."""

    type: UpdateType
    prompt_id: str
    message: str
    step: int | None = None
    max_steps: int | None = None
    percent: int | None = None
    eta_seconds: float | None = None
    steps_per_second: float | None = None
    node_id: str | None = None
    files: tuple[str, ...] | None = None
    """Paths of what was saved; only with ``complete``."""
    take: int | None = None
    """The take's number, with ``judging``, ``take`` and ``complete``."""
    passed: bool | None = None
    """Whether its pictures did."""
    score: float | None = None
    """How like the prompt they are."""

    def as_json(self) -> dict[str, Any]:
        """Return the fields that are known."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}


class ProgressMeter:
    """Measures one prompt. Times are seconds of any clock that only goes forward."""

    def __init__(self, prompt_id: str) -> None:
        self._prompt_id = prompt_id
        self._node: str | None = None
        self._first: tuple[float, float] | None = None
        """Step and time of the node's first count: before it come loading and warming up, which tell no speed."""

    def connected(self, url: str) -> Update:
        """Say that the engine is there."""
        return self._update("connected", f"Connected to {url}")

    def failed(self, error: ComfyGenError) -> Update:
        """Say that there is an error, whoever made it."""
        return self._update("error", str(error))

    def completed(self, files: tuple[str, ...], *, partly: bool, take: Take | None = None) -> Update:
        """Say that the results are saved: of the best take, where they were judged."""
        found = {} if take is None else {"take": take.number, "passed": take.passed, "score": take.score}
        said = f"Generation completed{' in part' if partly else ''}"
        return self._update("complete", said, percent=100, files=files, **found)

    def judging(self, number: int) -> Update:
        """Say that the pictures of a take are looked at; it may take long where a model is loaded for it."""
        return self._update("judging", f"Judging take {number}", take=number)

    def judged(self, take: Take, seed: int | None = None) -> Update:
        """Say what was found of a take's pictures; ``seed`` is the first take's, where several pictures are made."""
        return self._update("take", take_line(take, seed), take=take.number, passed=take.passed, score=take.score)

    def feed(self, event: Event, *, now: float) -> Update | None:
        """Return what an event says of the progress; None for those that say nothing of it.

        The end is not among them: `completed` or `failed` tells it, once the caller has the files.
        """
        match event:
            case Started(cached=()):
                return self._update("start", "Generation started", percent=0)
            case Started():
                return self._update("cached", f"{len(event.cached)} of {event.total} nodes are cached")
            case NodeStarted():
                return self._node_update(event)
            case Stepped():
                return self._step_update(event, now)
            case Produced():
                text = f"Node {event.node_id} left {len(event.files)} file(s)"
                return self._update("node", text, node_id=event.node_id)
            case _:
                return None

    def _node_update(self, event: NodeStarted) -> Update:
        self._node, self._first = event.node_id, None
        text = f"{event.class_type or 'node'} ({event.done + 1}/{max(event.total, event.done + 1)})"
        return self._update("node", text, node_id=event.node_id)

    def _step_update(self, event: Stepped, now: float) -> Update:
        if self._node != event.node_id or self._first is None or event.value < self._first[0]:
            self._node, self._first = event.node_id, (event.value, now)
        step, total = int(event.value), int(event.maximum)
        percent = round(100 * event.value / event.maximum) if event.maximum else 0
        speed = self._speed(event.value, now)
        return self._update(
            "progress",
            f"Sampling: {step}/{total} steps ({percent}%)",
            step=step,
            max_steps=total,
            percent=percent,
            eta_seconds=round((event.maximum - event.value) / speed, 1) if speed else None,
            steps_per_second=round(speed, 2) if speed else None,
            node_id=event.node_id,
        )

    def _speed(self, step: float, now: float) -> float | None:
        if self._first is None or now <= self._first[1] or step <= self._first[0]:
            return None
        return (step - self._first[0]) / (now - self._first[1])

    def _update(self, kind: UpdateType, message: str, **facts: Any) -> Update:
        return Update(kind, self._prompt_id, message, **facts)
