from __future__ import annotations

import json

from comfy_gen.errors import (
    AssetFetchError,
    EngineLostError,
    ExecutionFailedError,
    InvalidWorkflowError,
    PromptRejectedError,
)
from comfy_gen.jobs.failure import JobFailure, failure_of


def test_our_error_is_kept_with_its_facts():
    error = ExecutionFailedError("p", "gpu_error", "3", "KSampler", "CUDA error", ["line 1"], "restart it")
    failure = failure_of(error)
    assert (failure.code, failure.message, failure.hint) == ("gpu_error", error.message, "restart it")
    assert failure.details["node_id"] == "3"
    assert failure.details["traceback"] == ["line 1"]


def test_what_the_engine_said_is_kept():
    failure = failure_of(PromptRejectedError("t", "no", ["p"], {"3": {"errors": []}}))
    assert failure.details["node_errors"] == {"3": {"errors": []}}


def test_address_of_an_engine_is_not_among_the_facts():
    assert "url" not in failure_of(EngineLostError("http://a", "p", "gone")).details


def test_fact_that_is_too_long_is_left_out():
    assert failure_of(PromptRejectedError("t", "no", [], {"3": "x" * 30_000})).details["reason"] == "no"
    assert "node_errors" not in failure_of(PromptRejectedError("t", "no", [], {"3": "x" * 30_000})).details


def test_fact_that_is_no_json_is_left_out():
    assert json.dumps(failure_of(InvalidWorkflowError([object()])).as_json())


def test_foreign_error_is_a_bug_of_ours():
    failure = failure_of(KeyError("x"))
    assert (failure.code, failure.message, failure.details) == ("internal", "KeyError: 'x'", {})


def test_failure_comes_back_from_json():
    failure = JobFailure("code", "message", "hint", {"a": [1]})
    assert JobFailure.from_json(json.loads(json.dumps(failure.as_json()))) == failure
    assert JobFailure.from_json({"code": "c", "message": "m"}) == JobFailure("c", "m")


def test_text_that_repeats_megabytes_is_cut():
    failure = failure_of(ValueError("x" * 5_000_000))
    assert len(failure.message) < 5_000


def test_address_of_an_asset_is_told_without_its_login_and_signature():
    failure = failure_of(AssetFetchError("http://me:secret@host/a.png?sig=abc", "status 404"))
    assert failure.message == "cannot fetch http://host/a.png?…: status 404"
    assert "secret" not in str(failure.as_json())
