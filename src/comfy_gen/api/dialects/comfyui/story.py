"""One prompt as its client is told of it: in a ComfyUI's order, whatever attempts and engines it takes. Pure.

A ComfyUI has one try, and all it says is final. Here an attempt that failed may be followed by another, and what an
engine has made is a result only once it is stored. So its last word is kept until the job has ended, and an output is
told of when the run goes on, or with the end: who hears of it asks for it at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.api.dialects.comfyui import endings
from comfy_gen.api.dialects.comfyui.frames import pictured, told
from comfy_gen.api.dialects.comfyui.narrator import Narrator, began, executed
from comfy_gen.jobs.job import JobState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.api.dialects.comfyui.frames import Message
    from comfy_gen.comfyui.messages import Frame, Raw
    from comfy_gen.jobs.failure import JobFailure
    from comfy_gen.jobs.history import History

_GOES_ON = frozenset({"executing", "progress"})
"""What says that a run has more to do."""
_SUCCESS, _ERROR, _INTERRUPTED = "execution_success", "execution_error", "execution_interrupted"
_LAST = frozenset({_SUCCESS, _ERROR, _INTERRUPTED})
_LAST_WORDS: Mapping[JobState, str] = {
    JobState.COMPLETED: _SUCCESS,
    JobState.PARTIAL: _SUCCESS,
    JobState.FAILED: _ERROR,
    JobState.CANCELLED: _INTERRUPTED,
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended."""

    state: JobState
    failure: JobFailure | None = None
    history: History | None = field(default=None, repr=False)
    """What the engine said of the last attempt."""


class Story:
    """What is told of one job."""

    def __init__(self, job_id: str, *, has_begun: bool = False, node: str | None = None) -> None:
        """Begin to tell; of a job that runs already, ``has_begun`` and ``node`` say where it is."""
        self.has_begun = has_begun
        """Whether its client knows that it runs."""
        self.node = node
        """The node that it is at, as its client knows."""
        self._job_id = job_id
        self._done: list[str] = []
        self._produced: set[str] = set()
        self._held: list[Message] = []
        """An output, and what came after it."""
        self._last: Raw | None = None
        self._is_heard = False
        self._narrator = Narrator(job_id)

    def hear(self, frame: Frame) -> list[Message]:
        """Return what to tell of what the engine said."""
        self._is_heard = True
        if isinstance(frame, bytes):
            return [told for picture in self._show(frame) for told in self._in_turn(picture, "")]
        message = told(frame, self._job_id)
        kind, data = message.get("type", ""), message.get("data")
        return self._take(message, kind, cast("Raw", data) if isinstance(data, dict) else {})

    def see(self, report: Mapping[str, Any], *, now: int) -> list[Message]:
        """Return what to tell of what the store has of an attempt; nothing where the engine itself was heard."""
        if self._is_heard:
            return []
        messages = self._narrator.tell(report)
        self._enter(self._narrator.node)
        return [*(self._begin(now) if messages else []), *messages]

    def again(self) -> None:
        """Take in that this attempt is over, and another follows."""
        self._last, self.node, self._is_heard = None, None, False
        self._held.clear()
        self._done.clear()
        self._produced.clear()
        self._narrator = Narrator(self._job_id)

    def end(self, ending: Ending, *, now: int) -> list[Message]:
        """Return what is left to tell before the queue is shorter; nothing of what never ran."""
        if ending.state is JobState.CANCELLED and not self.has_begun:
            return []
        outputs = ending.history.outputs if ending.history else None
        untold = executed(self._job_id, outputs or {}, without=self._produced)
        held, self._held = self._held, []
        return [*self._begin(now), *held, *untold, *self._narrator.end(), self._last_word(ending, now)]

    def _take(self, message: Raw, kind: str, data: Raw) -> list[Message]:
        if kind == "execution_start":
            was_begun, self.has_begun = self.has_begun, True
            return [] if was_begun else [message]
        if kind == "executing" and data.get("node") is None:
            return []  # the last of all is told by whoever knows that the job has ended
        if kind in _LAST and data.get("exception_type") != "ExecutionBlocked":  # then the prompt goes on
            self._last = message
            return []
        if kind == "executing":
            self._enter(str(data["node"]))
        elif kind == "executed":
            self._produced.add(str(data.get("node")))
        return self._in_turn(message, kind)

    def _begin(self, now: int) -> list[Raw]:
        was_begun, self.has_begun = self.has_begun, True
        return [] if was_begun else began(self._job_id, timestamp=now)

    def _in_turn(self, message: Message, kind: str) -> list[Message]:
        """Return what is to be told by now: a message, and what was held before it; or nothing, if it is held, too."""
        if kind != "executed" and (not self._held or kind in _GOES_ON):
            held, self._held = self._held, []
            return [*held, message]
        self._held.append(message)
        return []

    def _show(self, frame: bytes) -> list[Message]:
        try:
            return [pictured(frame, self._job_id, self.node)]
        except ValueError:
            return []

    def _enter(self, node: str | None) -> None:
        if self.node is not None and node != self.node:
            self._done.append(self.node)
        self.node = node

    # --- the last word

    def _last_word(self, ending: Ending, now: int) -> Raw:
        kind = _LAST_WORDS[ending.state]
        if self._last is not None and self._last["type"] == kind:
            return self._last
        return {"type": kind, "data": self._kept(kind, ending.history) or self._made_up(kind, ending, now)}

    def _kept(self, kind: str, history: History | None) -> Raw | None:
        """Return the engine's last word as it is kept with the job, if it is of this kind."""
        if not history or not history.messages or history.messages[-1][0] != kind:
            return None
        return {**history.messages[-1][1], "prompt_id": self._job_id}

    def _made_up(self, kind: str, ending: Ending, now: int) -> Raw:
        where: Any = {"node_id": self.node or "", "executed": self._done, "timestamp": now}
        if kind == _ERROR:
            return endings.failed(self._job_id, ending.failure, **where)
        if kind == _INTERRUPTED:
            return endings.interrupted(self._job_id, **where)
        return endings.succeeded(self._job_id, timestamp=now)
