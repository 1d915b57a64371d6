from __future__ import annotations

import pytest

from comfy_gen.errors import InvalidParameterError
from comfy_gen.sandbox.faults import Fault, FaultScript, Kind, fault_from, fault_to, parse_fault


def test_fault_strikes_the_first_prompt_once():
    script = FaultScript([Fault(Kind.DIE)])
    assert [len(script.on_prompt()) for _ in range(3)] == [1, 0, 0]


def test_fault_strikes_from_the_nth_chance_as_often_as_asked():
    script = FaultScript([Fault(Kind.OUT_OF_MEMORY, nth=2, times=2)])
    assert [len(script.on_prompt()) for _ in range(5)] == [0, 1, 1, 0, 0]


def test_fault_without_times_strikes_for_ever():
    script = FaultScript([Fault(Kind.SLOW, times=None)])
    assert [len(script.on_prompt()) for _ in range(3)] == [1, 1, 1]


def test_chances_are_counted_from_when_the_fault_was_added():
    script = FaultScript()
    script.on_prompt()
    script.add(Fault(Kind.DIE))
    assert script.on_prompt() == [Fault(Kind.DIE)]


def test_fault_of_requests_strikes_only_its_route():
    script = FaultScript([Fault(Kind.ERROR_500)])
    assert script.on_request("GET", "/prompt") == []
    assert script.on_prompt() == []
    assert script.on_request("POST", "/prompt") == [Fault(Kind.ERROR_500)]


def test_api_prefix_is_the_same_route():
    assert FaultScript([Fault(Kind.REFUSE)]).on_request("POST", "/api/prompt")


def test_route_may_be_a_pattern():
    script = FaultScript([Fault(Kind.REFUSE, route="GET /history*")])
    assert script.on_request("GET", "/history/some-id")


def test_cleared_script_is_false_and_strikes_nothing():
    script = FaultScript([Fault(Kind.DIE)])
    assert script
    script.clear()
    assert not script
    assert script.on_prompt() == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("die", Fault(Kind.DIE)),
        ("out_of_memory:nth=2,step=3", Fault(Kind.OUT_OF_MEMORY, nth=2, step=3)),
        ("slow:seconds=0.5, times=forever", Fault(Kind.SLOW, seconds=0.5, times=None)),
        ("error_500:route=GET /queue", Fault(Kind.ERROR_500, route="GET /queue")),
    ],
)
def test_fault_is_read_from_text(text: str, fault: Fault):
    assert parse_fault(text) == fault


@pytest.mark.parametrize("fault", [Fault(Kind.DIE), Fault(Kind.SLOW, nth=3, times=None, seconds=0.25)])
def test_fault_survives_the_way_through_json(fault: Fault):
    assert fault_from(fault_to(fault)) == fault


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("explode", "fault is 'explode', but must be one of slow, "),
        ("die:when=now", "fault setting is 'when', but must be one of kind, nth, times, step, seconds, route"),
        ("die:step=soon", "fault setting step is 'soon', but must be a number"),
        ("slow:seconds=nan", "fault setting seconds is 'nan', but must be a number of seconds, 0 or more"),
        ("slow:seconds=inf", "fault setting seconds is 'inf', but must be a number of seconds, 0 or more"),
        ("slow:seconds=-1", "fault setting seconds is '-1', but must be a number of seconds, 0 or more"),
    ],
)
def test_faulty_fault_is_refused(text: str, message: str):
    with pytest.raises(InvalidParameterError) as caught:
        parse_fault(text)
    assert message in caught.value.message


def test_whole_number_without_end_is_refused():
    with pytest.raises(InvalidParameterError, match="fault setting step is inf, but must be a number"):
        fault_from({"kind": "die", "step": float("inf")})
