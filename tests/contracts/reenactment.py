"""Does again what a recording did, on any engine, and brings both answers into a form that can be compared.

Left out of the comparison are ids, times, file counters, folders, and what is text of ComfyUI's own or of its Python
(tracebacks, tooltips, tensors, the words of a node that raises); everything else must be the same, in the same order.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.contracts.peer import Answer, Line, Message, Peer

Trace = list[dict[str, Any]]

VOLATILE = frozenset(
    {"prompt_id", "client_id", "timestamp", "create_time", "traceback", "current_inputs", "tooltip", "sid", "number"}
)
"""Facts that differ between two runs, or that are not the protocol's."""

UNORDERED = frozenset({"executed", "current_outputs", "nodes", "errors"})
"""Lists that a real engine makes of sets."""

SECOND_CHECKPOINT = "tiny_sd15.safetensors"
"""The recorded engine had the checkpoint in two formats, the live one has it in one."""

EDITS = (
    (re.compile(r"_\d{5}_"), "_N_"),  # the counter in an output's name
    (re.compile(r"_temp_[a-z]{5}"), "_temp_X"),  # each server draws its own prefix for temporary files
    (re.compile(r"(?:/[\w.-]+)+/(?=[\w-]+\.)"), "/"),  # where the engine lies: a file keeps its name,
    (re.compile(r"(: )(?:/[\w-]+)+"), r"\1/"),  # a folder nothing
    (re.compile(f", '{SECOND_CHECKPOINT}'"), ""),
    (re.compile(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/\w+$"), ""),  # our service's folder of an output node
)


def comparable(value: Any, key: str = "") -> Any:
    """Return a JSON value without what differs between two runs."""
    if isinstance(value, dict):
        left_out = VOLATILE | {"exception_message"} if "current_inputs" in value else VOLATILE
        return {name: comparable(inner, name) for name, inner in value.items() if name not in left_out}
    if isinstance(value, list):
        items = [comparable(item) for item in value if item != SECOND_CHECKPOINT]
        if items[1:] == [{}]:  # the specification of an input that had only a tooltip
            return items[:1]
        return sorted(items, key=str) if key in UNORDERED else items
    if isinstance(value, str):
        for pattern, replacement in EDITS:
            value = pattern.sub(replacement, value)
        return value
    return value


def comparable_answer(status: int, body: Any) -> dict[str, Any]:
    """Return an answer to a prompt, to a control request or of a history."""
    if isinstance(body, dict) and len(body) == 1 and "outputs" in (entry := next(iter(body.values()))):
        body = {"entry": {**entry, "prompt": entry["prompt"][2:3] + sorted(entry["prompt"][4:])}}
    return {"status": status, "body": comparable(body)}


def comparable_message(message: Message) -> dict[str, Any]:
    """Return a text message, or what matters of a preview."""
    if "event" not in message:
        return comparable(message)
    metadata = comparable(message.get("metadata"))
    image_format = message.get("format", message.get("image_type"))
    return {"preview": message["event"], "metadata": metadata, "format": image_format}


def recorded_messages(trace: Trace) -> list[dict[str, Any]]:
    """Return all that the recorded socket said after its greeting."""
    lines = [line for line in trace if line.get("ws") and ("msg" in line or "bin" in line)]
    messages = [comparable_message(line.get("msg") or line["bin"]) for line in lines]
    greeted = [message for message in messages if message.get("type") == "feature_flags"] or messages[:1]
    return messages[messages.index(greeted[0]) + 1 :]


def recorded_answers(trace: Trace) -> list[dict[str, Any]]:
    """Return all answers of a recording."""
    return [comparable_answer(line["status"], line["body"]) for line in trace if "http" in line]


def requests_to(path: str, trace: Trace) -> Trace:
    """Return those lines of a recording that are requests to this path."""
    return [line for line in trace if "http" in line and line["http"]["path"] == path]


def wants_flags(trace: Trace) -> bool:
    """Tell whether the recorded client greeted with its feature flags."""
    return any("sent" in line for line in trace)


async def perform(
    trace: Trace, engine: Peer, line: Line, files: dict[str, bytes] | None = None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Send what the recording sent, each prompt run to its end; return the answers and the messages."""
    ids: dict[str, str] = {}
    answers: list[dict[str, Any]] = []
    messages: list[Message] = []
    for recorded in (entry for entry in trace if "http" in entry):
        answer = await _send(recorded["http"], engine, line, ids, files or {})
        answers.append(comparable_answer(answer.status, answer.value))
        prompt_id = answer.value.get("prompt_id") if isinstance(answer.value, dict) else None
        if answer.status == recorded["status"] == 200 and prompt_id:
            ids[recorded["body"]["prompt_id"]] = prompt_id
            messages += await _follow(recorded["http"], line, prompt_id)
    return answers, [comparable_message(message) for message in messages]


async def _send(
    request: dict[str, Any], engine: Peer, line: Line, ids: dict[str, str], files: dict[str, bytes]
) -> Answer:
    path = request["path"]
    for recorded, ours in ids.items():
        path = path.replace(recorded, ours)
    if "form" in request:
        fields = dict(request["form"])
        name = fields.pop("image")["filename"]
        return await engine.upload(name, files[name], path, **fields)
    if "raw" in request:
        return await engine.request(
            request["method"], path, data=_with_client(request["raw"], line), headers=request.get("headers")
        )
    body = request.get("json")
    if isinstance(body, dict) and "client_id" in body:
        body = {**body, "client_id": line.client_id}
    options = {"json": body} if "json" in request else {}
    return await engine.request(request["method"], path, headers=request.get("headers"), **options)


def _with_client(raw: str, line: Line) -> str:
    return re.sub(r'"client_id": "[^"]*"', f'"client_id": "{line.client_id}"', raw)


async def _follow(request: dict[str, Any], line: Line, prompt_id: str) -> list[Message]:
    """Return the prompt's messages; of one without a client there is only the queue's length."""
    has_client = "client_id" in (request.get("json") or json.loads(request["raw"]))
    return await (line.until_done(prompt_id) if has_client else line.until_idle())


def kinds(messages: Iterable[Message]) -> Sequence[str]:
    """Return the types of messages, a preview as such."""
    return [message.get("type", "preview") for message in messages]
