from __future__ import annotations

import json
from dataclasses import replace

import pytest

from comfy_gen.errors import ForbiddenContentError, InvalidParameterError, WorkflowFormatError, WorkflowIsUiFormatError
from comfy_gen.jobs.ids import new_job_id
from comfy_gen.jobs.request import JobRequest, Webhook, check_request

_WORKFLOW = {"1": {"class_type": "EmptyImage", "inputs": {}}}
_FULL = JobRequest(
    _WORKFLOW,
    title="T",
    owner="o",
    priority=-100,
    idempotency_key="k",
    webhook=Webhook("http://hook/", {"a": 1}),
    metadata={"m": [None]},
    tags=frozenset({"b", "a"}),
    job_id=new_job_id(),
    targets=("1",),
    extra_data={"extra_pnginfo": {}},
    as_comfyui=True,
)


@pytest.mark.parametrize("request_", [_FULL, JobRequest(_WORKFLOW)])
def test_request_comes_back_from_json(request_):
    assert JobRequest.from_json(json.loads(json.dumps(request_.as_json()))) == request_
    check_request(request_)


def test_request_that_asks_for_the_same_has_the_same_digest():
    assert replace(_FULL, idempotency_key="other", job_id=None).digest == _FULL.digest


@pytest.mark.parametrize(
    "change",
    [
        {"workflow": {"2": _WORKFLOW["1"]}},
        {"title": "U"},
        {"owner": "p"},
        {"priority": 0},
        {"webhook": None},
        {"metadata": {}},
        {"tags": frozenset()},
        {"targets": None},
        {"extra_data": {}},
        {"as_comfyui": False},
    ],
)
def test_request_that_asks_for_something_else_has_another_digest(change):
    assert replace(_FULL, **change).digest != _FULL.digest


def test_order_of_keys_makes_no_other_digest():
    one, other = {"1": _WORKFLOW["1"], "2": _WORKFLOW["1"]}, {"2": _WORKFLOW["1"], "1": _WORKFLOW["1"]}
    assert JobRequest(one).digest == JobRequest(other).digest


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"priority": -101}, "priority"),
        ({"priority": 1.0}, "priority"),
        ({"owner": None}, "owner"),
        ({"job_id": "x"}, "job_id"),
        ({"metadata": {1: float("inf")}}, "the request"),
        ({"webhook": Webhook("http://hook/", {"a": {1}})}, "the request"),
    ],
)
def test_value_that_cannot_work_is_named(change, name):
    with pytest.raises(InvalidParameterError) as caught:
        check_request(replace(_FULL, **change))
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("workflow", "error"),
    [
        ({"nodes": [], "links": []}, WorkflowIsUiFormatError),
        ({}, WorkflowFormatError),
        (None, WorkflowFormatError),
        ({"prompt": _WORKFLOW}, WorkflowFormatError),
    ],
)
def test_what_is_no_graph_is_refused(workflow, error):
    with pytest.raises(error):
        check_request(replace(_FULL, workflow=workflow))


@pytest.mark.parametrize(
    "facts", [{"title": "a\x1b[31m"}, {"owner": "a\nb"}, {"idempotency_key": ""}, {"title": "x" * 100_000}]
)
def test_text_that_would_break_a_terminal_or_means_nothing_is_refused_in_few_words(facts):
    with pytest.raises(InvalidParameterError) as caught:
        check_request(JobRequest({"1": {"class_type": "A", "inputs": {}}}, **facts))
    assert len(str(caught.value)) < 300
    assert "\x1b" not in str(caught.value)


def test_what_no_tier_allows_is_refused():
    workflow = {"1": {"class_type": "CLIPTextEncode", "inputs": {"text": "child, nude"}}}
    with pytest.raises(ForbiddenContentError):
        check_request(replace(_FULL, workflow=workflow, tier="explicit"))
