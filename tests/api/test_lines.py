from __future__ import annotations

import asyncio
import json

import pytest

from comfy_gen.api.lines import Lines, line
from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import Event
from comfy_gen.jobs.previews import Preview

JOB = JobId("j1")
FRAME = Preview(7, "image/jpeg", b"frame")


def data_of(sent: bytes):
    return json.loads(next(one for one in sent.decode().splitlines() if one.startswith("data: "))[6:])


def test_event_is_one_line_of_data_under_its_number():
    sent = line({"said": "two\nlines"}, event="note", number=3)
    assert sent == b'id: 3\r\nevent: note\r\ndata: {"said":"two\\nlines"}\r\n\r\n'


def test_event_without_a_number_leaves_the_readers_place_alone():
    assert not line({}, event="preview").startswith(b"id:")
    assert b"\nid:" not in line({}, event="preview")


def test_event_is_made_once():
    lines, event = Lines(), Event(JOB, 1, 5.0, "state", {"state": "queued"})
    first = lines.event(event)
    assert lines.event(Event(JOB, 1, 5.0, "state", {"state": "queued"})) is first
    assert data_of(first) == {"job_id": "j1", "number": 1, "at": 5.0, "state": "queued"}
    assert lines.event(Event(JOB, 1, 6.0, "state", {"state": "failed"})) is not first


def test_few_events_are_kept():
    lines = Lines(most=2)
    for number in range(5):
        lines.event(Event(JOB, number, 0.0, "note"))
    assert len(lines._events) == 2


def test_preview_is_the_picture_or_where_it_is():
    lines = Lines()
    assert data_of(lines.preview(JOB, FRAME, with_data=False))["url"] == "/jobs/j1/preview?n=7"
    assert data_of(lines.preview(JOB, FRAME, with_data=True))["url"] == "data:image/jpeg;base64,ZnJhbWU="


async def test_end_is_made_once_for_all_who_come_at_the_same_time():
    lines, made, release = Lines(), [], asyncio.Event()

    async def make() -> bytes:
        await release.wait()
        made.append(1)
        return b"end"

    coming = [asyncio.ensure_future(lines.end("k", make)) for _ in range(5)]
    gone = asyncio.ensure_future(lines.end("k", make))
    await asyncio.sleep(0)
    gone.cancel()
    release.set()
    assert await asyncio.gather(*coming) == [b"end"] * 5
    assert len(made) == 1
    await lines.end("k", make)
    assert len(made) == 2


async def test_end_that_fails_is_told_to_all_and_tried_again():
    lines = Lines()

    async def fail() -> bytes:
        raise DatabaseUnavailableError("away", "x")

    async def make() -> bytes:
        return b"end"

    found = await asyncio.gather(*(lines.end("k", fail) for _ in range(2)), return_exceptions=True)
    assert all(isinstance(one, DatabaseUnavailableError) for one in found)
    with pytest.raises(DatabaseUnavailableError):
        await lines.end("k", fail)
    assert await lines.end("k", make) == b"end"
