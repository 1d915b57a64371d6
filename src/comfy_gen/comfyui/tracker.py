"""Tracks one prompt through an engine's messages to its outcome. Pure: knows nothing of sockets, loops or clocks.

Messages go in with `Tracker.feed`, events come out. What the socket cannot tell, because it was down or because a
message got lost, is settled by `Tracker.settle` with what the server's queue and history say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from comfy_gen.comfyui.bodies import FileRef, HistoryEntry, files_of, node_problems
from comfy_gen.comfyui.failures import execution_failed
from comfy_gen.comfyui.messages import (
    Executed,
    Executing,
    ExecutionCached,
    ExecutionError,
    ExecutionInterrupted,
    ExecutionStart,
    ExecutionSuccess,
    Message,
    Preview,
    Progress,
    ProgressState,
    Status,
)
from comfy_gen.errors import ComfyGenError, EngineLostError, InterruptedPromptError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.workflows.graph import Workflow


class State(StrEnum):
    """Where the prompt is."""

    QUEUED = "queued"
    RUNNING = "running"
    ENDED = "ended"


class Ending(StrEnum):
    """How a prompt ended."""

    SUCCESS = "success"
    PARTIAL = "partial"
    """It ran, but the server dropped outputs that did not validate."""
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    REMOVED = "removed"
    """It was taken out of the queue before it ran."""
    LOST = "lost"
    """The server does not know it any more, or nobody follows it; the error says which."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """It is in the queue; ``ahead`` counts the prompts before it as far as the server told."""

    ahead: int


@dataclass(frozen=True, slots=True)
class Unheard:
    """The connection broke; queue and history tell the rest, unless the engine is gone."""


@dataclass(frozen=True, slots=True)
class Started:
    """The engine took it up; ``cached`` nodes of ``total`` need not run."""

    cached: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """A node begins, after ``done`` of ``total`` nodes."""

    node_id: str
    class_type: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Stepped:
    """A node did ``value`` of ``maximum`` steps."""

    node_id: str
    value: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Previewed:
    """A picture of the work in progress."""

    image: bytes = field(repr=False)
    mime: str
    node_id: str | None


@dataclass(frozen=True, slots=True)
class Produced:
    """An output node is done; the files can be fetched at once."""

    node_id: str
    files: tuple[FileRef, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a prompt."""

    prompt_id: str
    ending: Ending
    outputs: Mapping[str, Mapping[str, Any]]
    """By output node: kind → list, as the server's history has it."""
    problems: tuple[str, ...] = ()
    """For a partial success: what the server said of the outputs that it dropped."""
    error: ComfyGenError | None = None
    """What `raise_for_failure` raises; None for a success, whole or partial."""

    @property
    def files(self) -> list[FileRef]:
        """Every file, of any kind, that the output nodes name."""
        return files_of(self.outputs)

    def raise_for_failure(self) -> None:
        """Raise what went wrong; a partial success is not a failure.

        Raises:
            ExecutionFailedError: a node raised; its ``code`` is the failure class.
            InterruptedPromptError: it was interrupted, or removed from the queue.
            EngineLostError: the server does not know the prompt any more.
        """
        if self.error is not None:
            raise self.error


_TOLD: Final[dict[type[object], str]] = {
    ExecutionStart: "execution_start",
    ExecutionCached: "execution_cached",
    ExecutionSuccess: "execution_success",
    ExecutionError: "execution_error",
    ExecutionInterrupted: "execution_interrupted",
}

Event = Waiting | Unheard | Started | NodeStarted | Stepped | Previewed | Produced | Outcome


class Tracker:
    """The state of one prompt on one engine."""

    def __init__(self, prompt_id: str, workflow: Workflow, *, url: str = "") -> None:
        self.prompt_id = prompt_id
        self.state = State.QUEUED
        self.outcome: Outcome | None = None
        self.node_errors: Mapping[str, Any] = {}
        """What ``POST /prompt`` said with its 200: non-empty means that outputs were dropped."""
        self.is_continuous = True
        """False once messages may have been missed: then only the history can tell the outputs."""
        self.wants_history = False
        """The stream is at its end without having told all: read the history and `settle`."""
        self.told: list[tuple[str, Mapping[str, Any]]] = []
        """What the server said of the run as a whole, as its history has it: each with its name."""
        self._url = url
        self._classes = {node_id: str(node.get("class_type")) for node_id, node in workflow.items()}
        self._ahead: int | None = None
        self._done: set[str] = set()
        self._current: str | None = None
        self._outputs: dict[str, Mapping[str, Any]] = {}
        self._succeeded = False
        self._interrupted = False
        self._error: ExecutionError | None = None

    @property
    def is_over(self) -> bool:
        """Whether the server said that the prompt is over, though its outputs may have to be read yet."""
        return self._succeeded or self._interrupted or self._error is not None

    @property
    def outputs(self) -> Mapping[str, Mapping[str, Any]]:
        """What output nodes gave so far, as the server's history has it."""
        return self._outputs

    def feed(self, message: Message) -> list[Event]:
        """Take in one message and return what it means for this prompt; messages for others mean nothing."""
        if self.state is State.ENDED:
            return []
        if isinstance(message, Status):
            return self._wait(message)
        return self._take(message) if self._concerns_us(message) else []

    def _take(self, message: Message) -> list[Event]:
        match message:
            case ExecutionCached():
                self._keep(message)
                return self._start(message.nodes)
            case Executing(node=None):
                return self._end_of_stream()
            case Executing(node=str(node)):
                return self._begin(node)
            case Progress():
                return self._step(message)
            case Preview():
                return [Previewed(message.image, message.mime, message.node_id or self._current)]
            case Executed():
                return self._produce(message)
            case _:
                self._note(message)
                return []

    def gap(self) -> list[Event]:
        """Take in that messages may have been missed."""
        was_continuous, self.is_continuous = self.is_continuous, False
        return [Unheard()] if was_continuous and self.state is not State.ENDED else []

    def settle(self, entry: HistoryEntry | None, *, position: int | None) -> list[Event]:
        """Take in what history and queue say: the entry, or else the position (0 is running), or neither.

        Neither means that the server has no trace of the prompt; read the history *after* the queue before you
        say so, for a prompt moves from one to the other.
        """
        if self.state is State.ENDED:
            return []
        if entry is not None:
            return self._conclude_from(entry)
        if position is None:
            return self._vanish()
        if position > 0:
            return self._advance(position)
        return self._start(()) if self.state is State.QUEUED else []

    def remove(self) -> list[Event]:
        """Take in that it was taken out of the queue before it ran."""
        return self._end(Ending.REMOVED, InterruptedPromptError(self.prompt_id))

    def give_up(self, error: ComfyGenError) -> list[Event]:
        """Take in that nobody follows it any more, and why; nothing if it has ended."""
        return [] if self.state is State.ENDED else self._end(Ending.LOST, error)

    # --- while it runs

    def _concerns_us(self, message: Message) -> bool:
        prompt_id = getattr(message, "prompt_id", None)
        if prompt_id is None:  # an old server's preview: it belongs to whatever runs
            return isinstance(message, Preview) and self.state is State.RUNNING
        return prompt_id == self.prompt_id

    def _wait(self, message: Status) -> list[Event]:
        """Learn from the queue's length how many are ahead: those who come later do not count."""
        return self._advance(message.queue_remaining - 1)

    def _advance(self, ahead: int) -> list[Event]:
        if self.state is not State.QUEUED or ahead < 0 or (self._ahead is not None and ahead >= self._ahead):
            return []
        self._ahead = ahead
        return [Waiting(ahead)]

    def _start(self, cached: tuple[str, ...]) -> list[Event]:
        self.state = State.RUNNING
        self._done.update(cached)
        return [Started(cached=cached, total=len(self._classes))]

    def _begin(self, node: str) -> list[Event]:
        events: list[Event] = [] if self.state is State.RUNNING else self._start(())
        if self._current is not None:
            self._done.add(self._current)
        self._current = node
        done = len(self._done & self._classes.keys())
        return [*events, NodeStarted(node, self._classes.get(node, ""), done, len(self._classes))]

    def _step(self, message: Progress) -> list[Event]:
        node = message.node or self._current or ""
        return [Stepped(node, message.value, message.maximum)]

    def _produce(self, message: Executed) -> list[Event]:
        self._outputs[message.node] = message.output
        return [Produced(message.node, tuple(files_of({message.node: message.output})))]

    def _note(self, message: Message) -> None:
        self._keep(message)
        match message:
            case ExecutionStart() | ProgressState() if self.state is State.QUEUED:
                self.state = State.RUNNING
            case ExecutionSuccess():
                self._succeeded = True
            case ExecutionInterrupted():
                self._interrupted = True
            case ExecutionError() if message.is_final:
                self._error = message
            case _:
                pass

    def _keep(self, message: Message) -> None:
        """Keep a message that the server's history has, too."""
        if type(message) in _TOLD and not (isinstance(message, ExecutionError) and not message.is_final):
            self.told.append((_TOLD[type(message)], getattr(message, "data", {})))

    # --- the end

    def _end_of_stream(self) -> list[Event]:
        told_all = self.is_continuous and self.is_over and bool(self._outputs or not self._succeeded)
        if told_all:
            return self._conclude()
        self.wants_history = True
        return []

    def _conclude_from(self, entry: HistoryEntry) -> list[Event]:
        self._outputs = {**self._outputs, **entry.outputs}
        self.told = entry.messages or self.told
        self._succeeded = entry.status == "success"
        self._interrupted = entry.interrupted
        self._error = entry.error or (self._error if not (self._succeeded or self._interrupted) else None)
        return self._conclude()

    def _conclude(self) -> list[Event]:
        if self._interrupted:
            return self._end(Ending.INTERRUPTED, InterruptedPromptError(self.prompt_id))
        if self._error is not None:
            return self._end(Ending.FAILED, execution_failed(self._error))
        if self._succeeded:
            return self._end(Ending.PARTIAL if self.node_errors else Ending.SUCCESS)
        return self._end(Ending.LOST, self._lost("its history says neither success nor why it failed"))

    def _vanish(self) -> list[Event]:
        if self.is_over:  # the server said how it ended, and has forgotten it since: history keeps 10,000
            return self._conclude()
        if self.state is State.QUEUED and self.is_continuous:
            return self.remove()
        return self._end(Ending.LOST, self._lost("neither its queue nor its history has it"))

    def _lost(self, reason: str) -> EngineLostError:
        return EngineLostError(url=self._url, prompt_id=self.prompt_id, reason=reason)

    def _end(self, ending: Ending, error: ComfyGenError | None = None) -> list[Event]:
        self.state = State.ENDED
        self.outcome = Outcome(
            prompt_id=self.prompt_id,
            ending=ending,
            outputs=dict(self._outputs),
            problems=tuple(node_problems(self.node_errors)),
            error=error,
        )
        return [self.outcome]
