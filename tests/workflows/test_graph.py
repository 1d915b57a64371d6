from __future__ import annotations

import copy
import json

import pytest

from comfy_gen.errors import WorkflowFormatError, WorkflowIsUiFormatError, WorkflowSyntaxError
from comfy_gen.workflows.graph import (
    Link,
    ancestors,
    as_workflow,
    free_node_id,
    is_link,
    links,
    nodes_of_type,
    parse_workflow,
)


def node(class_type="N", **inputs):
    return {"class_type": class_type, "inputs": inputs}


CHAIN = {"1": node("Load"), "2": node("Paint", model=["1", 0], seed=4), "3": node("Save", images=["2", 1])}


@pytest.mark.parametrize("value", [["1", 0], ["57:8", 2]])
def test_pair_of_id_and_slot_is_a_link(value):
    assert is_link(value)


@pytest.mark.parametrize("value", ["1", 3, [], ["1"], [1, 0], ["1", "0"], ["1", True], ["1", 0, 0], {"1": 0}, None])
def test_anything_else_is_a_value(value):
    assert not is_link(value)


def test_links_are_found_with_both_ends():
    assert list(links(CHAIN)) == [Link("1", 0, "2", "model"), Link("2", 1, "3", "images")]


def test_ancestors_are_all_that_is_needed_and_end_on_circles():
    assert ancestors(CHAIN, "2") == {"1", "2"}
    assert ancestors(CHAIN, "9") == set()
    circle = {"1": node(a=["2", 0]), "2": node(a=["1", 0])}
    assert ancestors(circle, "1") == {"1", "2"}


def test_nodes_are_found_by_class():
    assert nodes_of_type(CHAIN, "Save", "Load") == ["1", "3"]


def test_free_id_is_above_all_numbers():
    assert free_node_id({"7": node(), "57:8": node(), "x": node()}) == "8"
    assert free_node_id({}) == "1"


def test_body_as_it_is_posted_is_unwrapped():
    assert parse_workflow(json.dumps({"prompt": CHAIN, "client_id": "x"})) == CHAIN
    assert parse_workflow(json.dumps(CHAIN)) == CHAIN


def test_node_that_is_called_prompt_is_a_node():
    assert as_workflow({"prompt": node()}) == {"prompt": node()}


def test_broken_json_has_line_and_column():
    with pytest.raises(WorkflowSyntaxError, match=r"own\.json is not valid JSON: .* line 2, column 3"):
        parse_workflow("{\n  ]", source="own.json")


def test_editors_format_is_recognised():
    with pytest.raises(WorkflowIsUiFormatError):
        as_workflow({"nodes": [], "links": []})


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ([], "it is a JSON array, not an object"),
        ("x", "a JSON string"),
        (1.5, "a JSON number"),
        (True, "a JSON boolean"),
        (None, "a JSON null"),
        ({}, "it has no nodes"),
        ({"prompt": {}}, "it has no nodes"),
        ({"1": "x"}, "node '1' is a JSON string"),
        ({"1": {"inputs": {}}}, "node '1' has no class_type"),
        ({"1": {"class_type": "N"}}, "node '1' has no inputs"),
    ],
)
def test_other_json_says_why_it_is_no_workflow(data, reason):
    with pytest.raises(WorkflowFormatError, match=reason):
        as_workflow(data)


def nested(levels):
    """A workflow of so many levels; the innermost is the list of one 0."""
    value = [0]
    for _ in range(levels - 4):
        value = [value]
    return {"1": node(x=value)}


@pytest.mark.parametrize("text", ["[" * 100_000, json.dumps(nested(900)), json.dumps(nested(101))])
def test_nesting_without_end_is_refused(text):
    with pytest.raises(WorkflowFormatError, match="nested too deeply"):
        parse_workflow(text)


def test_nesting_that_can_be_copied_is_taken():
    assert copy.deepcopy(as_workflow(nested(100))) == nested(100)
    assert as_workflow({"prompt": nested(100)}) == nested(100)


def test_workflow_that_holds_itself_is_refused():
    inputs = {}
    inputs |= {"x": inputs, "y": inputs}
    with pytest.raises(WorkflowFormatError, match="nested too deeply"):
        as_workflow({"1": node(x=inputs)})


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity"])
def test_number_that_json_does_not_know_is_refused(literal):
    text = json.dumps({"1": node(x=0)}).replace("0", literal)
    with pytest.raises(WorkflowFormatError, match=rf"own\.json .*: it has the number {literal}, which"):
        parse_workflow(text, source="own.json")


def test_text_that_reads_like_such_a_number_is_a_text():
    workflow = {"1": node(text="NaN and Infinity")}
    assert parse_workflow(json.dumps(workflow)) == workflow
