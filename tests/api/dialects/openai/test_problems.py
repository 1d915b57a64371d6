"""Errors in OpenAI's words."""

from __future__ import annotations

import json

import pytest

from comfy_gen.api.dialects.openai.problems import answer
from comfy_gen.api.problems import Told, told_of
from comfy_gen.errors import (
    ForbiddenContentError,
    ForbiddenError,
    IdempotencyConflictError,
    InvalidParameterError,
    InvalidRequestError,
    NoEngineError,
    RateLimitError,
    RoleNotFoundError,
    UnauthorizedError,
    WorkflowNotFoundError,
)


def told(error, **more):
    response = answer(told_of(error) if isinstance(error, Exception) else error, **more)
    return response.status_code, json.loads(bytes(response.body))["error"]


def invalid(where, message):
    return Told(
        422, "invalid_request", f"{where}: {message}", details={"problems": [{"where": where, "message": message}]}
    )


@pytest.mark.parametrize(
    ("error", "status", "kind", "code", "param"),
    [
        (UnauthorizedError("no"), 401, "invalid_request_error", "invalid_api_key", None),
        (ForbiddenError("no", "ask"), 403, "invalid_request_error", "insufficient_permissions", None),
        (RateLimitError("1/second", 3.0), 429, "requests", "rate_limit_exceeded", None),
        (WorkflowNotFoundError("nope"), 404, "invalid_request_error", "model_not_found", "model"),
        (InvalidParameterError("width", 7, "more"), 400, "invalid_request_error", "invalid_value", "size"),
        (InvalidParameterError("inputs.mask", 7, "less"), 400, "invalid_request_error", "invalid_value", "mask"),
        (RoleNotFoundError("seed"), 400, "invalid_request_error", "invalid_value", "seed"),
        (NoEngineError("paint"), 503, "server_error", "no_engine", None),
        (ForbiddenContentError(), 400, "image_generation_user_error", "moderation_blocked", None),
        (
            invalid("body.prompt", "Field required"),
            400,
            "invalid_request_error",
            "missing_required_parameter",
            "prompt",
        ),
        (invalid("body.x", "Extra inputs are not"), 400, "invalid_request_error", "unknown_parameter", "x"),
        (invalid("body.n", "less than 10"), 400, "invalid_request_error", "invalid_value", "n"),
        (Told(404, "not_found", "there is no POST /v1/x"), 404, "invalid_request_error", "not_found", None),
        (Told(500, "internal", "a bug"), 500, "server_error", "internal", None),
    ],
)
def test_error_has_the_status_type_code_and_parameter_that_openai_would_tell(error, status, kind, code, param):
    found = told(error)
    assert (found[0], found[1]["type"], found[1]["code"], found[1]["param"]) == (status, kind, code, param)


def test_own_code_and_advice_are_told_beside_them():
    _, error = told(InvalidParameterError("preset", "x", "another"))
    assert error["comfygen"]["code"] == "invalid_parameter"
    assert error["comfygen"]["details"]["name"] == "preset"
    assert error["param"] == "quality"


def test_of_several_errors_the_first_names_the_parameter():
    both = InvalidRequestError([InvalidParameterError("steps", 0, "more"), InvalidParameterError("width", 7, "more")])
    assert told(both)[1]["param"] == "steps"


def test_words_are_those_of_whoever_sent_openai_s_parameters():
    assert told(WorkflowNotFoundError("nope"))[1]["message"].startswith("The model 'nope' does not exist here")
    assert told(invalid("body.n", "too many"))[1]["message"] == "n: too many"
    assert told(Told(500, "x", "no engine", "wait."))[1]["message"] == "No engine. Wait."


def test_dalle_has_another_code_for_what_is_refused():
    status, error = told(ForbiddenContentError(), is_classic=True)
    assert (status, error["type"], error["code"]) == (400, "invalid_request_error", "content_policy_violation")
    assert told(UnauthorizedError("no"), is_classic=True)[1]["code"] == "invalid_api_key"


def test_what_sdks_would_send_again_in_vain_says_so():
    response = answer(told_of(IdempotencyConflictError("k", "j")))
    assert (response.status_code, response.headers["x-should-retry"]) == (409, "false")
    assert "x-should-retry" not in answer(told_of(NoEngineError("paint"))).headers
    assert answer(told_of(RateLimitError("1/second", 3.0))).headers["retry-after"] == "3"
