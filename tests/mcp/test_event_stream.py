from __future__ import annotations

import pytest

from comfy_gen.mcp.event_stream import EventReader, JobEvent

STREAM = (
    'id: 1\r\nevent: state\r\ndata: {"state": "queued"}\r\n\r\n'
    ": ping - 2026\r\n\r\n"
    'event: preview\ndata: {"n": 1}\n\n'
    'id: 2\nevent: end\ndata: {"message":\ndata: "schön"}\n\n'
).encode()
EVENTS = [
    JobEvent("state", {"state": "queued"}, 1),
    JobEvent("preview", {"n": 1}),
    JobEvent("end", {"message": "schön"}, 2),
]


def test_events_are_read_and_heartbeats_are_not() -> None:
    assert EventReader().feed(STREAM) == EVENTS


@pytest.mark.parametrize("size", [1, 2, 7])
def test_it_does_not_matter_where_a_stream_is_cut(size: int) -> None:
    reader = EventReader()
    pieces = [STREAM[start : start + size] for start in range(0, len(STREAM), size)]
    assert [event for piece in pieces for event in reader.feed(piece)] == EVENTS


def test_an_event_is_told_once_it_is_whole() -> None:
    reader = EventReader()
    assert reader.feed(b"id: 7\ndata: {}\n") == []
    assert reader.feed(b"\n") == [JobEvent("message", {}, 7)]


@pytest.mark.parametrize("data", [b"data: <html>\n\n", b"data: [1]\n\n", b'data: {"a\n\n', b"event: end\n\n"])
def test_what_is_no_event_of_ours_is_passed_over(data: bytes) -> None:
    assert EventReader().feed(data + STREAM) == EVENTS


def test_a_number_that_is_none_is_left_out() -> None:
    assert EventReader().feed("id: x²\ndata: {}\n\n".encode()) == [JobEvent("message")]
