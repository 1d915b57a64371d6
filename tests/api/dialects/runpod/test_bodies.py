"""What RunPod's clients send."""

from __future__ import annotations

import json

import pytest
from fastapi.exceptions import RequestValidationError

from comfy_gen.api.dialects.runpod.bodies import run_body, worker_input
from comfy_gen.errors import InvalidParameterError


def sent(**fields):
    return run_body(json.dumps({"input": {}, **fields}).encode())


def test_bounds_are_those_that_are_said():
    assert sent().bounds == {}
    assert sent(policy={"lowPriority": True}).bounds == {}
    assert sent(policy={"ttl": 1000, "executionTimeout": None}).bounds == {"ttl": 1000}


@pytest.mark.parametrize(
    "bad", [{"policy": {"ttl": 0}}, {"policy": {"ttl": 1e12}}, {"webhook": ""}, {"s3Config": {"accessId": "a"}}]
)
def test_what_cannot_be_is_refused(bad):
    with pytest.raises(RequestValidationError):
        sent(**bad)


def test_secrets_are_not_shown():
    login = {"accessId": "a", "accessSecret": "hidden", "bucketName": "b", "endpointUrl": "https://x"}
    assert "hidden" not in repr(sent(s3Config=login))
    with pytest.raises(RequestValidationError) as caught:
        sent(s3Config={**login, "bucketName": 7})
    assert "hidden" not in str(caught.value)


def test_input_may_be_a_text():
    assert worker_input('{"workflow": {"1": {}}}').workflow == {"1": {}}


@pytest.mark.parametrize("bad", [None, 7, [], "text", {"workflow": None}, {"workflow": {}, "images": {}}])
def test_input_of_another_kind_is_refused_without_being_repeated(bad):
    with pytest.raises(InvalidParameterError) as caught:
        worker_input(bad)
    assert caught.value.name.startswith("input")
    assert caught.value.value in {"missing", "something else", "a text"}
