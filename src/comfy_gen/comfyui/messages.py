"""What a ComfyUI says over its WebSocket, as types. Pure: bytes and text in, messages out.

Source: the wire protocol as recorded from ComfyUI 0.3.75. Unknown types, of newer servers and of custom nodes,
are `Unknown` and never an error: a server may say anything.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Raw = dict[str, Any]
"""A text message as the server sent it: ``{"type": …, "data": {…}}``."""

Frame = Raw | bytes
"""Any message as the server sent it; a binary one whole."""

HELLO = {"type": "feature_flags", "data": {"supports_preview_metadata": True}}
"""Must be the first message on a new socket: previews then carry the prompt and node they belong to."""


@dataclass(frozen=True, slots=True)
class Status:
    """The length of the whole queue, running and waiting; sent to everybody whenever it changes."""

    queue_remaining: int
    sid: str | None = None
    """The socket's client id; only in the first message of a connection."""


@dataclass(frozen=True, slots=True)
class FeatureFlags:
    """The server's answer to `HELLO`."""

    flags: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExecutionStart:
    """The prompt left the queue."""

    prompt_id: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)
    """All that was said, as it was."""


@dataclass(frozen=True, slots=True)
class ExecutionCached:
    """These nodes need not run; always sent after the start, mostly with few or no nodes."""

    prompt_id: str
    nodes: tuple[str, ...]
    data: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Executing:
    """A node begins; with ``node=None`` the prompt is over and its history entry exists."""

    prompt_id: str | None
    """None only in the greeting of a socket that reconnects in mid-run."""
    node: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """A node counts its steps, mostly a sampler."""

    prompt_id: str | None
    node: str | None
    value: float
    maximum: float


@dataclass(frozen=True, slots=True)
class NodeProgress:
    """One node within a `ProgressState`; ``state`` is ``running``, ``finished`` or ``error``."""

    node_id: str
    value: float
    maximum: float
    state: str


@dataclass(frozen=True, slots=True)
class ProgressState:
    """All nodes of a prompt that have begun."""

    prompt_id: str
    nodes: tuple[NodeProgress, ...]


@dataclass(frozen=True, slots=True)
class Executed:
    """An output node is done, or was cached; ``output`` maps a kind such as ``images`` to a list."""

    prompt_id: str
    node: str
    output: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExecutionSuccess:
    """All went well. The history entry may not exist yet: wait for ``Executing(node=None)``."""

    prompt_id: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ExecutionError:
    """A node raised."""

    prompt_id: str
    node_id: str
    node_type: str
    exception_type: str
    exception_message: str
    traceback: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    @property
    def is_final(self) -> bool:
        """False for ExecutionBlocked: one branch stops, the prompt goes on and can still succeed."""
        return self.exception_type != "ExecutionBlocked"


@dataclass(frozen=True, slots=True)
class ExecutionInterrupted:
    """Somebody interrupted the prompt while it ran."""

    prompt_id: str
    node_id: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Logs:
    """Lines of the server's log, after a subscription."""

    entries: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture of the work in progress."""

    image: bytes = field(repr=False)
    mime: str
    prompt_id: str | None = None
    """None from servers that do not know `HELLO`: it belongs to whatever runs."""
    node_id: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text that a node shows while it works."""

    node_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A message of a type that this version does not know."""

    type: str
    data: Any

    @property
    def prompt_id(self) -> str | None:
        """The prompt that it names, if it names one where others do."""
        named: Any = cast("Raw", self.data).get("prompt_id") if isinstance(self.data, dict) else None
        return named if isinstance(named, str) else None


_TEXT = struct.pack(">I", 3)
"""What a binary frame begins with that has text."""

Message = (
    Status
    | FeatureFlags
    | ExecutionStart
    | ExecutionCached
    | Executing
    | Progress
    | ProgressState
    | Executed
    | ExecutionSuccess
    | ExecutionError
    | ExecutionInterrupted
    | Logs
    | Preview
    | Text
    | Unknown
)


def decode(text: str) -> Raw | None:
    """Return a text frame as the JSON object it should be, or None: a garbled frame must not stop the stream."""
    try:
        data: object = json.loads(text)
    except ValueError:
        return None
    return cast("Raw", data) if isinstance(data, dict) else None


def parse(raw: Raw) -> Message:
    """Return a decoded text message as a type; `Unknown` where its type or shape is not known."""
    name, data = str(raw.get("type")), raw.get("data")
    reader = _READERS.get(name)
    if reader is None or not isinstance(data, dict):
        return Unknown(name, data)
    try:
        return reader(cast("dict[str, Any]", data))
    except (KeyError, TypeError, ValueError, AttributeError):
        return Unknown(name, cast("Any", data))


def parse_binary(frame: bytes) -> Message:
    """Return a binary frame as a `Preview` or `Text`; `Unknown` where it is neither or cut short."""
    try:
        (kind,) = struct.unpack_from(">I", frame)
        return _BINARY_READERS[kind](frame[4:])
    except (struct.error, KeyError, ValueError, TypeError, AttributeError):
        return Unknown("binary", frame[:4])


def is_picture(frame: Frame) -> bool:
    """Tell whether a frame has a preview, or may have one: of its kind nothing is known here."""
    return isinstance(frame, bytes) and not frame.startswith(_TEXT)


def _status(data: Raw) -> Status:
    return Status(queue_remaining=int(data["status"]["exec_info"]["queue_remaining"]), sid=data.get("sid"))


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):  # Python's JSON has NaN and Infinity
        raise ValueError(value)
    return number


def _progress_state(data: Raw) -> ProgressState:
    nodes = tuple(
        NodeProgress(node_id, float(node["value"]), float(node["max"]), str(node["state"]))
        for node_id, node in data["nodes"].items()
    )
    return ProgressState(data["prompt_id"], nodes)


def _execution_error(data: Raw) -> ExecutionError:
    return ExecutionError(
        prompt_id=data["prompt_id"],
        node_id=str(data.get("node_id")),
        node_type=str(data.get("node_type")),
        exception_type=str(data.get("exception_type")),
        exception_message=str(data.get("exception_message")),
        traceback=tuple(str(line) for line in cast("Sequence[object]", data.get("traceback") or ())),
        data=data,
    )


_READERS: dict[str, Callable[[Raw], Message]] = {
    "status": _status,
    "feature_flags": FeatureFlags,
    "execution_start": lambda data: ExecutionStart(data["prompt_id"], data),
    "execution_cached": lambda data: ExecutionCached(data["prompt_id"], tuple(data["nodes"]), data),
    "executing": lambda data: Executing(data.get("prompt_id"), data["node"]),
    "progress": lambda data: Progress(
        data.get("prompt_id"), data.get("node"), _number(data["value"]), _number(data["max"])
    ),
    "progress_state": _progress_state,
    "executed": lambda data: Executed(data["prompt_id"], str(data["node"]), dict(data.get("output") or {})),
    "execution_success": lambda data: ExecutionSuccess(data["prompt_id"], data),
    "execution_error": _execution_error,
    "execution_interrupted": lambda data: ExecutionInterrupted(data["prompt_id"], str(data.get("node_id")), data),
    "logs": lambda data: Logs(tuple(data["entries"])),
}


def _preview(body: bytes) -> Preview:
    (image_format,) = struct.unpack_from(">I", body)
    return Preview(image=body[4:], mime="image/png" if image_format == 2 else "image/jpeg")


def _split(body: bytes) -> tuple[bytes, bytes]:
    """Split a length-prefixed head from the rest."""
    (length,) = struct.unpack_from(">I", body)
    if len(body) < 4 + length:
        raise ValueError(length)
    return body[4 : 4 + length], body[4 + length :]


def _preview_with_metadata(body: bytes) -> Preview:
    head, image = _split(body)
    facts = cast("dict[str, Any]", json.loads(head))
    return Preview(
        image=image,
        mime=facts.get("image_type", "image/jpeg"),
        prompt_id=facts.get("prompt_id"),
        node_id=facts.get("node_id"),
    )


def _text(body: bytes) -> Text:
    head, text = _split(body)
    return Text(node_id=head.decode(errors="replace"), text=text.decode(errors="replace"))


_BINARY_READERS: dict[int, Callable[[bytes], Message]] = {1: _preview, 3: _text, 4: _preview_with_metadata}
