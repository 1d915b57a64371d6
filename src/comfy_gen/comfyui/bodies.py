"""What a ComfyUI answers over HTTP, as types. Pure: JSON in, values out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from comfy_gen.comfyui.messages import ExecutionError, parse
from comfy_gen.errors import PromptRejectedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from comfy_gen.workflows.graph import Workflow


class FileRef(NamedTuple):
    """A file on the engine, as ``GET /view`` wants it."""

    filename: str
    subfolder: str = ""
    type: str = "output"
    """The folder: ``output`` is kept, ``temp`` (PreviewImage) goes with the server, ``input`` is what was uploaded."""
    node_id: str = ""
    kind: str = "images"
    """The output's own word: images, gifs, video, audio, 3d, …"""


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One prompt in the queue; the server runs the lowest ``number`` first."""

    number: float
    prompt_id: str
    workflow: Workflow
    extra_data: Mapping[str, Any]
    outputs_to_execute: Sequence[str]


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """The queue at one moment; ``pending`` in the order in which it will run."""

    running: tuple[QueueItem, ...]
    pending: tuple[QueueItem, ...]

    def position(self, prompt_id: str) -> int | None:
        """Return 0 for a running prompt, 1 for the next, and so on; None when it is not here."""
        if any(item.prompt_id == prompt_id for item in self.running):
            return 0
        return next((place for place, item in enumerate(self.pending, 1) if item.prompt_id == prompt_id), None)

    @property
    def prompt_ids(self) -> frozenset[str]:
        """All prompts here, running and pending."""
        return frozenset(item.prompt_id for item in (*self.running, *self.pending))


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What the server remembers of a prompt that ended."""

    prompt_id: str
    status: str
    """``success`` or ``error``; an interrupted prompt is an ``error``."""
    outputs: Mapping[str, Mapping[str, Any]]
    interrupted: bool
    error: ExecutionError | None
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def messages(self) -> list[tuple[str, Mapping[str, Any]]]:
        """What it said of the run as a whole, each with its name."""
        return _messages(self.raw)


def parse_queue(data: Mapping[str, Any]) -> QueueSnapshot:
    """Read ``GET /queue``. The server's pending list is a heap; it is sorted here."""
    pending = sorted((_queue_item(item) for item in data.get("queue_pending", ())), key=lambda item: item[:2])
    return QueueSnapshot(
        running=tuple(QueueItem(*_queue_item(item)) for item in data.get("queue_running", ())),
        pending=tuple(QueueItem(*item) for item in pending),
    )


def _queue_item(item: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(item[:5])


def parse_history(data: Mapping[str, Any]) -> dict[str, HistoryEntry]:
    """Read ``GET /history`` or ``GET /history/{id}``, oldest first."""
    return {prompt_id: parse_history_entry(prompt_id, entry) for prompt_id, entry in data.items()}


def parse_history_entry(prompt_id: str, entry: Mapping[str, Any]) -> HistoryEntry:
    """Read one entry; servers before 0.0.2 have a null status, which then means success."""
    status = cast("Mapping[str, Any]", entry.get("status") or {})
    messages = _messages(entry)
    errors = [parse({"type": name, "data": data}) for name, data in messages if name == "execution_error"]
    return HistoryEntry(
        prompt_id=prompt_id,
        status=str(status.get("status_str", "success")),
        outputs=entry.get("outputs") or {},
        interrupted=any(name == "execution_interrupted" for name, _ in messages),
        error=next((error for error in errors if isinstance(error, ExecutionError) and error.is_final), None),
        raw=entry,
    )


def _messages(entry: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    status = cast("Mapping[str, Any]", entry.get("status") or {})
    return [(str(name), data) for name, data in status.get("messages", ())]


def files_of(outputs: Mapping[str, Mapping[str, Any]]) -> list[FileRef]:
    """Return every file that the output nodes name, of any kind, in the order of the nodes.

    Kinds are free words (``images``, ``gifs``, ``audio`` …) and some nodes list plain strings: what has a
    ``filename`` is a file.
    """
    return [file for node_id, output in outputs.items() for file in _files_of_node(node_id, output)]


def _files_of_node(node_id: str, output: Mapping[str, Any]) -> Iterator[FileRef]:
    for kind, items in output.items():
        for item in cast("Sequence[object]", items) if isinstance(items, list) else ():
            if isinstance(item, dict) and isinstance(cast("dict[str, object]", item).get("filename"), str):
                facts = cast("dict[str, str]", item)
                yield FileRef(
                    facts["filename"], facts.get("subfolder") or "", facts.get("type") or "output", node_id, kind
                )


def rejection(body: Mapping[str, Any]) -> PromptRejectedError:
    """Turn the body of a 400 from ``POST /prompt`` into an error that says everything it says."""
    told = body.get("error")
    error = cast("Mapping[str, Any]", told) if isinstance(told, dict) else {"message": str(told)}
    node_errors = cast("dict[str, Any]", body.get("node_errors") or {})
    details = str(error.get("details") or "")
    message = str(error.get("message"))
    return PromptRejectedError(
        type=str(error.get("type", "unknown")),
        reason=f"{message} ({details})" if details and details != message and not node_errors else message,
        problems=node_problems(node_errors),
        node_errors=node_errors,
    )


def node_problems(node_errors: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each error of a ``node_errors`` map."""
    return [
        f"{node.get('class_type')} (node {node_id}): {error.get('message')}: {error.get('details')}"
        for node_id, node in node_errors.items()
        for error in node.get("errors", ())
    ]
