from __future__ import annotations

from typing import Any

import pytest

from comfy_gen.api.dialects.comfy.submissions import key_in, submission_in
from comfy_gen.errors import InvalidParameterError, WorkflowFormatError, WorkflowIsUiFormatError

GRAPH: dict[str, Any] = {"1": {"class_type": "EmptyImage", "inputs": {}}}


def test_workflow_alone_is_enough():
    said = submission_in({"workflow": GRAPH})
    assert (said.workflow, said.metadata, said.priority, said.extra_data) == (GRAPH, {}, 0, {})


def test_nulls_are_as_if_nothing_was_said():
    nulls = dict.fromkeys(["metadata", "priority", "extra_data", "webhook_url", "inputs"])
    assert submission_in({"workflow": GRAPH, **nulls}) == submission_in({"workflow": GRAPH})


def test_all_that_can_be_said_is_taken():
    extra = {"api_key_comfy_org": "comfyui-1"}
    said = submission_in({"workflow": GRAPH, "metadata": {"a": "b"}, "priority": -7, "extra_data": extra, "more": 1})
    assert (said.metadata, said.priority, said.extra_data) == ({"a": "b"}, -7, extra)


@pytest.mark.parametrize(("said", "taken"), [(100, 100), (101, 100), (1_000_000, 100), (-1_000_000, -100), (0, 0)])
def test_priorities_further_out_than_ours_are_the_outmost(said, taken):
    assert submission_in({"workflow": GRAPH, "priority": said}).priority == taken


@pytest.mark.parametrize("priority", [True, 1.5, "5", 1_000_001, [1]])
def test_priority_that_is_none_is_refused(priority):
    with pytest.raises(InvalidParameterError) as caught:
        submission_in({"workflow": GRAPH, "priority": priority})
    assert caught.value.name == "priority"


@pytest.mark.parametrize(
    "extra", [{"api_key_comfy_org": None}, {"api_key_comfy_org": 7}, {"other": "hunter2"}, ["hunter2"], "hunter2"]
)
def test_extra_data_that_is_no_key_is_refused_and_not_repeated(extra):
    with pytest.raises(InvalidParameterError) as caught:
        submission_in({"workflow": GRAPH, "extra_data": extra})
    assert caught.value.name == "extra_data"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("body", [None, [], "x", 7])
def test_body_that_is_no_object_is_refused(body):
    with pytest.raises(InvalidParameterError) as caught:
        submission_in(body)
    assert caught.value.name == "the body"


@pytest.mark.parametrize("body", [{}, {"workflow": []}, {"workflow": GRAPH, "webhook_url": "http://x"}])
def test_body_without_a_workflow_or_with_what_is_reserved_is_refused(body):
    with pytest.raises(WorkflowFormatError):
        submission_in(body)


def test_workflow_of_the_editor_is_told_as_that():
    with pytest.raises(WorkflowIsUiFormatError):
        submission_in({"workflow": {"nodes": [], "links": [], "last_node_id": 0}})


def test_digest_tells_what_was_sent_and_by_whom_but_not_with_which_key():
    body = {"workflow": GRAPH, "metadata": {"a": "b"}}
    same = {**body, "extra_data": {"api_key_comfy_org": "renewed"}}
    others = [{**body, "priority": 1}, {**body, "metadata": {"a": "c"}}, {**body, "workflow": {}}]
    digest = submission_in(body).digest("ann")
    assert submission_in(same).digest("ann") == digest
    assert digest not in {submission_in(body).digest("bob"), *(submission_in(one).digest("ann") for one in others)}


def test_key_has_1_to_255_characters():
    assert [key_in(None), key_in("a b"), key_in("k" * 255)] == [None, "a b", "k" * 255]
    for text in ("", "k" * 256):
        with pytest.raises(InvalidParameterError):
            key_in(text)
