from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from comfy_gen.workflows.checks.answers import TROUBLE, Accepted, Refused, validate


def node(class_type, **inputs):
    return {"class_type": class_type, "inputs": inputs}


EMPTY = node("EmptyImage", width=8, height=8, batch_size=1, color=0)
GOOD = {"1": EMPTY, "2": node("PreviewImage", images=["1", 0])}


@pytest.fixture
def answer(object_info) -> Any:
    return lambda body, **options: validate(body, object_info, **options)


# --- agreement with the real server --------------------------------------------------------------------------


def comparable(answer):
    """The answer as JSON, without what is not the same twice: tracebacks, and the order of a node's errors."""
    answer = json.loads(json.dumps(answer))
    for entry in answer["node_errors"].values():
        entry["errors"].sort(key=lambda error: error["details"])
        for error in entry["errors"]:
            error["extra_info"].pop("traceback", None)
    return answer


def agree(answer, recorded):
    if isinstance(answer, Accepted):
        assert recorded["status"] == 200
        recorded_errors = {"node_errors": recorded["body"]["node_errors"]}
        assert comparable({"node_errors": answer.node_errors}) == comparable(recorded_errors)
    else:
        assert answer.status == recorded["status"]
        is_text = isinstance(recorded["body"], str)
        assert answer.body == recorded["body"] if is_text else comparable(answer.body) == comparable(recorded["body"])


@pytest.mark.traces("07_*")
def test_answers_as_the_recorded_server(trace_name, trace, prompts_posted, answer):
    recorded = prompts_posted(trace(trace_name))
    assert recorded
    for body, line in recorded:
        agree(answer(body), line)


@pytest.mark.traces("02_success*", "0[34569]_*", "08_err_n*", "08_err_s*", "08_err_t*", "10_*", "16_after*", "18_*")
def test_accepts_what_the_recorded_server_ran(trace_name, trace, prompts_posted, answer):
    recorded = prompts_posted(trace(trace_name))
    assert recorded
    for body, line in recorded:
        agree(answer(body), line)


def test_uploaded_file_is_there(trace, prompts_posted, answer):
    for body, line in prompts_posted(trace("14_upload_then_run")):
        assert isinstance(answer(body), Refused)
        agree(answer(body, known_files=["ueca4fd.png"]), line)


@pytest.mark.traces("02_success_ksampler", "07_val_int_as_string", "07_val_partial_targets", "07_val_one_good*")
def test_prompt_to_run_and_outputs_are_those_of_the_recorded_history(trace_name, trace, prompts_posted, answer):
    lines = trace(trace_name)
    ((body, _),) = prompts_posted(lines)
    accepted = answer(body)
    histories = [line["body"] for line in lines if line.get("http", {}).get("path", "").startswith("/history/")]
    (entry,) = next(history for history in histories if history).values()
    assert accepted.prompt == entry["prompt"][2]
    assert accepted.outputs_to_execute == entry["prompt"][4]


# --- bodies of other shapes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [{}, {"x": 1}, [1, 2], "x"])
def test_body_without_prompt_is_told_so(body, answer):
    refused = answer(body)
    assert (refused.status, refused.body["error"]["type"]) == (400, "no_prompt")


@pytest.mark.parametrize(
    "body",
    [
        5,
        None,
        "a prompt",
        ["prompt"],
        {"prompt": None},
        {"prompt": 5},
        {"prompt": "text"},
        {"prompt": ["a"]},
        {"prompt": [1, 2, 3]},
        {"prompt": {"1": 5}},
        {"prompt": {"1": None}},
        {"prompt": {"1": "class_type"}},
        {"prompt": {"1": ["class_type"]}},
        {"prompt": {"1": {"class_type": []}}},
        {"prompt": GOOD, "partial_execution_targets": 5},
    ],
)
def test_server_trips_over_what_comfyui_trips_over(body, answer):
    assert answer(body) is TROUBLE
    assert TROUBLE.body == "500 Internal Server Error\n\nServer got itself in trouble"


@pytest.mark.parametrize("prompt", [{}, [], ""])
def test_empty_prompt_has_no_outputs(prompt, answer):
    assert answer({"prompt": prompt}).body["error"]["type"] == "prompt_no_outputs"


@pytest.mark.parametrize("bad", ["text", [], {"inputs": {}}])
def test_node_without_class_type_is_refused(bad, answer):
    refused = answer({"prompt": {**GOOD, "3": bad}})
    assert refused.body["error"]["type"] == "invalid_prompt"


# --- outputs -------------------------------------------------------------------------------------------------


def test_every_bad_node_found_so_far_is_blamed_for_each_later_bad_output(answer):
    prompt = {
        "1": node("PreviewImage"),
        "2": node("PreviewImage"),
        "3": EMPTY,
        "4": node("PreviewImage", images=["3", 0]),
    }
    accepted = answer({"prompt": prompt})
    assert accepted.outputs_to_execute == ["4"]
    blamed = {node_id: entry["dependent_outputs"] for node_id, entry in accepted.node_errors.items()}
    assert blamed == {"1": ["1", "2"], "2": ["2"]}
    assert accepted.node_errors["1"]["class_type"] == "PreviewImage"


def test_refusal_repeats_the_outputs_own_errors_in_its_details(answer):
    prompt = {"1": node("PreviewImage"), "2": node("SaveImage", images=["3", 0]), "3": node("ImageInvert")}
    refused = answer({"prompt": prompt})
    assert refused.body["error"]["details"] == (
        "Required input is missing: images\nRequired input is missing: filename_prefix"
    )
    assert set(refused.body["node_errors"]) == {"1", "2", "3"}


def test_targets_choose_among_the_outputs(answer):
    prompt = {**GOOD, "3": node("PreviewImage", images=["1", 0])}
    assert answer({"prompt": prompt}).outputs_to_execute == ["2", "3"]
    assert answer({"prompt": prompt, "partial_execution_targets": ["3"]}).outputs_to_execute == ["3"]
    assert answer({"prompt": prompt, "partial_execution_targets": None}).outputs_to_execute == ["2", "3"]


# --- conversion ----------------------------------------------------------------------------------------------


def test_values_are_converted_in_a_copy(answer):
    prompt = {
        "1": node("EmptyImage", width="8", height=8.9, batch_size={"__value__": 1}, color=0, extra="9"),
        "2": node("PreviewImage", images=["1", 0]),
        "3": node("EmptyImage", width="5"),
    }
    before = copy.deepcopy(prompt)
    accepted = answer({"prompt": prompt})
    assert accepted.prompt["1"]["inputs"] == {"width": 8, "height": 8, "batch_size": 1, "color": 0, "extra": "9"}
    assert accepted.prompt["2"]["inputs"] == {"images": ["1", 0]}
    assert accepted.prompt["3"]["inputs"] == {"width": "5"}, "no output needs it: ComfyUI has not looked at it"
    assert prompt == before


def test_what_cannot_be_converted_stays_in_the_branch_that_does_not_run(answer):
    bad = {"3": node("EmptyImage", width="x"), "4": node("PreviewImage", images=["3", 0])}
    accepted = answer({"prompt": {**GOOD, **bad, "5": {"class_type": "PreviewImage", "inputs": None}}})
    assert accepted.prompt["3"]["inputs"] == {"width": "x"}
    assert accepted.prompt["5"]["inputs"] is None
