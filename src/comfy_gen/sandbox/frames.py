"""Writes the messages of a ComfyUI's WebSocket, text and binary, as frames ready to send. Pure."""

from __future__ import annotations

import json
import struct
from typing import Any

_PREVIEW = 1
_NODE_TEXT = 3
_PREVIEW_WITH_METADATA = 4
_JPEG = 1

_TEXT = 1
_BINARY = 2

_encode = json.JSONEncoder().encode


def text(kind: str, data: dict[str, Any]) -> bytes:
    """Return a text message."""
    return _framed(_TEXT, _encode({"type": kind, "data": data}).encode())


def status(remaining: int, sid: str | None = None) -> dict[str, Any]:
    """Return the data of a ``status`` message; ``sid`` only in the first one of a connection."""
    data: dict[str, Any] = {"status": {"exec_info": {"queue_remaining": remaining}}}
    return data if sid is None else {**data, "sid": sid}


def preview(jpeg: bytes) -> bytes:
    """Return the binary frame of a preview, for clients that asked for nothing better."""
    return _framed(_BINARY, struct.pack(">II", _PREVIEW, _JPEG), jpeg)


def preview_with_metadata(jpeg: bytes, *, node_id: str, prompt_id: str) -> bytes:
    """Return the binary frame of a preview that says of which prompt and node it is."""
    metadata = {**_node_names(node_id, prompt_id), "image_type": "image/jpeg"}
    head = _encode(metadata).encode()
    return _framed(_BINARY, struct.pack(">II", _PREVIEW_WITH_METADATA, len(head)), head, jpeg)


def node_text(line: str, *, node_id: str) -> bytes:
    """Return the binary frame of a text that a node shows while it runs."""
    name = node_id.encode()
    return _framed(_BINARY, struct.pack(">II", _NODE_TEXT, len(name)), name, line.encode())


def _framed(opcode: int, *parts: bytes) -> bytes:
    """Return a WebSocket frame (RFC 6455): whole, uncompressed and, as a server's are, not masked."""
    length = sum(map(len, parts))
    if length < 126:
        head = struct.pack(">BB", 0x80 | opcode, length)
    elif length < 1 << 16:
        head = struct.pack(">BBH", 0x80 | opcode, 126, length)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, 127, length)
    return b"".join((head, *parts))


def node_state(node_id: str, prompt_id: str, *, value: float, most: float, state: str) -> dict[str, Any]:
    """Return one node's entry of ``progress_state``."""
    return {"value": value, "max": most, "state": state, **_node_names(node_id, prompt_id)}


def _node_names(node_id: str, prompt_id: str) -> dict[str, Any]:
    return {
        "node_id": node_id,
        "prompt_id": prompt_id,
        "display_node_id": node_id,
        "parent_node_id": None,
        "real_node_id": node_id,
    }
