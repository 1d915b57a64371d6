"""The states of findings, and which is the worst."""

from __future__ import annotations

from comfy_gen.app.doctor.finding import Finding, State, worst


def finding(state):
    return Finding("disk", "/", state, "said")


def test_worst_is_the_state_of_the_whole():
    assert worst([]) is State.OK
    assert worst([finding(State.NOTE), finding(State.WARNING), finding(State.OK)]) is State.WARNING
    assert worst([finding(State.PROBLEM), finding(State.WARNING)]) is State.PROBLEM


def test_program_is_told_all_of_it():
    assert finding(State.NOTE).as_json() == {
        "area": "disk",
        "subject": "/",
        "state": "note",
        "said": "said",
        "mend": "",
    }
