from __future__ import annotations

import base64

import pytest

from comfy_gen.api.dialects.comfy.frames import Place, output_frame, place_in, preview_frame, status_frame
from comfy_gen.api.dialects.comfy.statuses import Status
from comfy_gen.jobs.previews import Preview
from tests.api.conftest import events_in


def read(frame: bytes):
    (event,) = events_in(frame.decode())
    return event


@pytest.mark.parametrize(
    ("said", "place"),
    [("7", Place(7)), (" 7 ", Place(7)), ("0", Place(0)), ("7.2", Place(6, 2)), ("7.0", Place(6, 0))],
)
def test_id_stands_for_a_place(said, place):
    assert place_in(said) == place


@pytest.mark.parametrize("said", ["", "x", "-1", "7.", "7.1.1", "\u0667", "7" * 10, "1e3"])
def test_what_is_no_id_of_ours_is_no_place(said):
    assert place_in(said) is None


def test_outputs_are_skipped_of_the_very_end_that_they_were_seen_of():
    place = place_in("7.2")
    assert place is not None
    assert (place.skipped(7), place.skipped(9), Place(7).skipped(8)) == (2, 0, 0)


def test_whoever_saw_the_last_output_comes_back_for_the_status_alone():
    event = read(output_frame({"id": "a"}, 2, number=7))
    assert (event["event"], event["id"], event["data"]) == ("output", "7.2", {"id": "a"})
    place = place_in(event["id"])
    assert place is not None
    assert place.skipped(7) == 2


def test_status_has_a_place_in_the_line_where_there_is_one():
    assert read(status_frame(Status.QUEUED, 3, number=1))["data"] == {"status": "queued", "queue_position": 3}
    assert read(status_frame(Status.RUNNING, None, number=2))["data"] == {"status": "running"}


def test_preview_is_in_the_event_which_has_no_id():
    event = read(preview_frame(Preview(5, "image/jpeg", b"frame", "3")))
    assert "id" not in event
    assert event["data"]["node_id"] == "3"
    assert base64.b64decode(event["data"]["data_base64"]) == b"frame"
