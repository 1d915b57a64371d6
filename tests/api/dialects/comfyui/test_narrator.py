"""What is told of a job whose engine another process listens to."""

from __future__ import annotations

import pytest

from comfy_gen.api.dialects.comfyui.narrator import Narrator, executed, status
from tests.api.dialects.comfyui.telling import JOB


@pytest.fixture
def narrator() -> Narrator:
    return Narrator(JOB)


def kinds(messages):
    return [message["type"] for message in messages]


def test_node_that_begins_is_told_as_an_engine_does(narrator):
    standing, begins = narrator.tell({"node_id": "3", "class_type": "KSampler"})
    assert begins == {"type": "executing", "data": {"node": "3", "display_node": "3", "prompt_id": JOB}}
    assert standing["data"]["nodes"] == {
        "3": {
            "value": 0.0,
            "max": 1.0,
            "state": "running",
            "node_id": "3",
            "prompt_id": JOB,
            "display_node_id": "3",
            "parent_node_id": None,
            "real_node_id": "3",
        }
    }


def test_steps_are_counted(narrator):
    narrator.tell({"node_id": "3"})
    standing, step = narrator.tell({"node_id": "3", "step": 2, "steps": 4})
    assert step == {"type": "progress", "data": {"value": 2, "max": 4, "prompt_id": JOB, "node": "3"}}
    assert (standing["data"]["nodes"]["3"]["value"], standing["data"]["nodes"]["3"]["max"]) == (2.0, 4.0)


def test_same_report_is_told_once(narrator):
    report = {"node_id": "3", "step": 2, "steps": 4}
    assert kinds(narrator.tell(report)) == ["progress_state", "executing", "progress_state", "progress"]
    assert narrator.tell(report) == []


def test_node_before_it_is_finished_when_the_next_begins(narrator):
    narrator.tell({"node_id": "3", "step": 2, "steps": 4})
    finished, standing, begins = narrator.tell({"node_id": "8"})
    assert finished["data"]["nodes"]["3"]["state"] == "finished"
    assert finished["data"]["nodes"]["3"]["value"] == 4.0
    assert [node["state"] for node in standing["data"]["nodes"].values()] == ["finished", "running"]
    assert begins["data"]["node"] == "8"


def test_last_node_is_finished_at_the_end(narrator):
    narrator.tell({"node_id": "9"})
    (standing,) = narrator.end()
    assert standing["data"]["nodes"]["9"]["state"] == "finished"
    assert narrator.end() == []


@pytest.mark.parametrize("report", [{}, {"ahead": 2}, {"node_id": ""}])
def test_nothing_is_told_before_a_node_runs(narrator, report):
    assert narrator.tell(report) == []


def test_outputs_are_told_in_their_places_unless_they_were_told():
    outputs = {"9": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}, "10": {"text": ["hi"]}}
    (message,) = executed(JOB, outputs, without={"10"})
    file = {"filename": "a.png", "subfolder": f"{JOB}/9", "type": "output"}
    assert message["data"] == {"node": "9", "display_node": "9", "output": {"images": [file]}, "prompt_id": JOB}


def test_greeting_says_what_a_socket_is_called():
    assert status(2, "ada")["data"] == {"status": {"exec_info": {"queue_remaining": 2}}, "sid": "ada"}
    assert status(0)["data"] == {"status": {"exec_info": {"queue_remaining": 0}}}
