"""Plays a recording to trackers, as a client that was there would have."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

from comfy_gen.comfyui.bodies import parse_history
from comfy_gen.comfyui.messages import Message, parse, parse_binary
from comfy_gen.comfyui.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator

Line = dict[str, Any]


def messages_of(lines: list[Line]) -> Iterator[Message]:
    """Return everything that the server said over its sockets."""
    for line in lines:
        if message := message_of(line):
            yield message


def message_of(line: Line) -> Message | None:
    """Return what the server said in this line; binary frames are rebuilt from what was kept of them."""
    if "msg" in line:
        return parse(line["msg"])
    if "bin" in line:
        return parse_binary(_frame(line["bin"]))
    return None


def trackers_of(lines: list[Line]) -> dict[str, Tracker]:
    """Return a tracker for each prompt that the server took, in the order in which they were sent."""
    trackers: dict[str, Tracker] = {}
    for line in lines:
        if _is_accepted_prompt(line):
            answer = line["body"]
            workflow = (line["http"].get("json") or {}).get("prompt", {})
            trackers[answer["prompt_id"]] = tracker = Tracker(answer["prompt_id"], workflow, url="http://engine")
            tracker.node_errors = answer.get("node_errors") or {}
    return trackers


def replay(lines: list[Line]) -> dict[str, Tracker]:
    """Feed a recording to its prompts' trackers: messages, broken connections and what was read from the history."""
    trackers = trackers_of(lines)
    for line in lines:
        message = message_of(line)
        for tracker in trackers.values():
            if "closed" in line:
                tracker.gap()
            if message is not None:
                tracker.feed(message)
        _read_history(line, trackers)
    return trackers


def _read_history(line: Line, trackers: dict[str, Tracker]) -> None:
    if "http" not in line or not line["http"]["path"].startswith("/history") or not isinstance(line.get("body"), dict):
        return
    entries = {key: entry for key, entry in line["body"].items() if isinstance(entry, dict) and "status" in entry}
    for prompt_id, entry in parse_history(entries).items():
        if prompt_id in trackers:
            trackers[prompt_id].settle(entry, position=None)


def _is_accepted_prompt(line: Line) -> bool:
    sent = line.get("http", {})
    return sent.get("method") == "POST" and sent["path"] == "/prompt" and line["status"] == 200


def _frame(kept: dict[str, Any]) -> bytes:
    payload = bytes.fromhex(kept.get("payload_magic", ""))
    if kept["event"] == 4:
        head = json.dumps(kept["metadata"]).encode()
        return struct.pack(">II", 4, len(head)) + head + payload
    return struct.pack(">II", kept["event"], kept["image_type"]) + payload
