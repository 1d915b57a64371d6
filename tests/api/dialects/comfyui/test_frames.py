"""What an engine says is told of the job; nothing else of it changes."""

from __future__ import annotations

import json
import struct

import pytest

from comfy_gen.api.dialects.comfyui.frames import Picture, pictured, told
from tests.api.dialects.comfyui.telling import JOB, JPEG, PNG, PROMPT, plain, preview, said


def test_prompt_goes_by_the_id_of_its_job_and_keeps_all_else():
    message = said("execution_cached", nodes=["1"], timestamp=5)
    assert told(message, JOB) == {
        "type": "execution_cached",
        "data": {"prompt_id": JOB, "nodes": ["1"], "timestamp": 5},
    }
    assert message["data"]["prompt_id"] == PROMPT


def test_each_node_of_a_progress_state_goes_by_it_too():
    nodes = {"3": {"value": 1.0, "max": 4.0, "state": "running", "prompt_id": PROMPT}}
    message = told(said("progress_state", nodes=nodes), JOB)
    assert message["data"]["nodes"]["3"] == {"value": 1.0, "max": 4.0, "state": "running", "prompt_id": JOB}


def test_files_are_told_with_the_places_where_they_are_found_here():
    output = {"images": [{"filename": "a_00001_.png", "subfolder": "x", "type": "output"}], "animated": [False]}
    message = told(said("executed", node="9", output=output), JOB)
    file = {"filename": "a_00001_.png", "subfolder": f"{JOB}/9", "type": "output"}
    assert message["data"]["output"] == {"images": [file], "animated": [False]}


@pytest.mark.parametrize("message", [{"type": "crystools.monitor", "data": {"cpu": 7}}, {"type": "odd", "data": None}])
def test_what_names_no_prompt_stays_as_it_is(message):
    assert told(message, JOB) == message


def test_picture_comes_both_ways_with_the_id_of_the_job():
    picture = pictured(preview(b"jpeg", node="7"), JOB, None)
    assert isinstance(picture, Picture)
    assert picture.plain == struct.pack(">II", 1, JPEG) + b"jpeg"
    (length,) = struct.unpack_from(">I", picture.labelled, 4)
    assert json.loads(picture.labelled[8 : 8 + length])["prompt_id"] == JOB
    assert picture.labelled[8 + length :] == b"jpeg"
    assert picture.is_passing


def test_picture_of_an_old_engine_is_of_the_node_that_runs():
    picture = pictured(plain(b"png", kind=PNG), JOB, "3")
    assert isinstance(picture, Picture)
    (length,) = struct.unpack_from(">I", picture.labelled, 4)
    assert json.loads(picture.labelled[8 : 8 + length]) == {
        "node_id": "3",
        "prompt_id": JOB,
        "display_node_id": "3",
        "parent_node_id": None,
        "real_node_id": "3",
        "image_type": "image/png",
    }


def test_png_is_a_result_that_must_not_get_lost():
    picture = pictured(preview(kind=PNG), JOB, None)
    assert isinstance(picture, Picture)
    assert not picture.is_passing
    assert picture.plain.startswith(struct.pack(">II", 1, PNG))


def test_text_of_a_node_is_passed_on_as_it_came():
    frame = struct.pack(">II", 3, 1) + b"9hello"
    assert pictured(frame, JOB, None) == frame


@pytest.mark.parametrize("frame", [b"", b"\0\0\0\4", struct.pack(">II", 4, 2) + b"[]", struct.pack(">II", 4, 9) + b"{"])
def test_garbled_frame_is_refused(frame):
    with pytest.raises(ValueError, match=r"^b'"):
        pictured(frame, JOB, None)
