from __future__ import annotations

import json
import struct

import pytest

from comfy_gen.sandbox import frames


def payload(frame: bytes) -> tuple[int, bytes]:
    """The opcode and what is in a server's WebSocket frame."""
    length, start = frame[1], 2
    if length == 126:
        length, start = struct.unpack_from(">H", frame, 2)[0], 4
    elif length == 127:
        length, start = struct.unpack_from(">Q", frame, 2)[0], 10
    assert frame[0] & 0x80
    assert len(frame) == start + length
    return frame[0] & 0x0F, frame[start:]


def test_text_is_type_and_data():
    opcode, content = payload(frames.text("executing", {"node": None}))
    assert (opcode, json.loads(content)) == (1, {"type": "executing", "data": {"node": None}})


@pytest.mark.parametrize("length", [0, 117, 118, 65_527, 65_528, 70_000])
def test_frames_of_any_length_are_whole(length: int):
    """Eight bytes stand before the picture; the length takes 1, 3 or 9 bytes."""
    opcode, content = payload(frames.preview(b"x" * length))
    assert opcode == 2
    assert content == struct.pack(">II", 1, 1) + b"x" * length


def test_preview_with_metadata_says_whose_it_is():
    _, content = payload(frames.preview_with_metadata(b"jpeg", node_id="3", prompt_id="p"))
    event, length = struct.unpack_from(">II", content)
    metadata = json.loads(content[8 : 8 + length])
    assert (event, content[8 + length :]) == (4, b"jpeg")
    assert metadata == {
        "node_id": "3",
        "prompt_id": "p",
        "display_node_id": "3",
        "parent_node_id": None,
        "real_node_id": "3",
        "image_type": "image/jpeg",
    }


def test_text_of_a_node_is_as_recorded():
    """Seen on ComfyUI 0.3.75 from GetImageSize."""
    expected = b"\x00\x00\x00\x03\x00\x00\x00\x012width: 96, height: 64\n batch size: 1"
    assert payload(frames.node_text("width: 96, height: 64\n batch size: 1", node_id="2")) == (2, expected)


def test_only_the_first_status_has_the_sid():
    assert frames.status(2) == {"status": {"exec_info": {"queue_remaining": 2}}}
    assert frames.status(0, "me")["sid"] == "me"
