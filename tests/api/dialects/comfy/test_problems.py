from __future__ import annotations

import json

import pytest

from comfy_gen import errors
from comfy_gen.api.dialects.comfy.problems import answer
from comfy_gen.api.problems import Told, told_of


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.InvalidWorkflowError(["no"]), 422, "invalid_workflow"),
        (errors.WorkflowFormatError("it", "no"), 422, "invalid_workflow"),
        (errors.NoCapableEngineError(["no"]), 422, "invalid_workflow"),
        (errors.GraphTooLargeError(2, 1), 422, "invalid_workflow"),
        (errors.WorkflowIsUiFormatError("it"), 422, "workflow_format_ui"),
        (errors.MissingAssetError({"a": "gone"}), 422, "missing_asset"),
        (errors.HashMismatchError("a", "b"), 409, "hash_mismatch"),
        (errors.BlobNotFoundError("a"), 404, "blob_not_found"),
        (errors.IdempotencyConflictError("k", "j"), 422, "idempotency_key_reuse"),
        (errors.QueueFullError(2, 1), 429, "queue_full"),
        (errors.OwnerQueueFullError(1, 1), 429, "queue_full"),
        (errors.RateLimitError("1/minute", 7.2), 429, "rate_limited"),
        (errors.JobNotFoundError("j"), 404, "not_found"),
        (errors.ArtifactNotFoundError("a"), 404, "not_found"),
        (errors.ArtifactGoneError("a"), 404, "output_unavailable"),
        (errors.AssetInUseError("a"), 409, "asset_in_use"),
        (errors.UnauthorizedError(), 401, "unauthorized"),
        (errors.ForbiddenError("no"), 403, "forbidden"),
        (errors.NodeNotAllowedError(["X"]), 403, "forbidden"),
        (errors.BodyTooLargeError(1), 413, "payload_too_large"),
        (errors.DatabaseUnavailableError("jobs.db", "no"), 503, "upstream_unreachable"),
        (errors.EngineUnreachableError("http://x", "no"), 502, "upstream_error"),
        (errors.InvalidParameterError("metadata", 1, "no"), 422, "metadata_invalid"),
        (errors.InvalidParameterError("metadata[a]", 1, "no"), 400, "invalid_metadata_filter"),
        (errors.InvalidParameterError("cursor", 1, "no"), 400, "invalid_cursor"),
        (errors.InvalidParameterError("limit", 1, "no"), 400, "invalid_request"),
        (errors.InvalidParameterError("priority", 1, "no"), 422, "invalid_request"),
    ],
)
def test_error_has_the_dialects_status_and_code_and_ours_in_the_details(error, status, code):
    response = answer(told_of(error))
    told = json.loads(response.body)["error"]
    assert (response.status_code, told["code"], told["message"]) == (status, code, error.message)
    assert (told["details"]["code"], told["details"]["hint"]) == (error.code, error.hint)


def test_error_that_is_none_of_ours_is_told_by_its_status():
    told = [Told(status, "internal", "oh") for status in (400, 404, 405, 416, 422, 500)]
    codes = [json.loads(answer(one).body)["error"]["code"] for one in told]
    assert codes == ["invalid_request", "not_found", "internal", "internal", "internal", "upstream_error"]


def test_full_queue_says_when_to_come_again():
    assert int(answer(told_of(errors.OwnerQueueFullError(1, 1))).headers["retry-after"]) > 0
    assert int(answer(told_of(errors.QueueFullError(2, 1))).headers["retry-after"]) > 0


def test_missing_assets_are_listed_as_the_gateway_lists_them():
    told = json.loads(answer(told_of(errors.MissingAssetError({"a": "gone", "b": "no"}))).body)
    assert told["error"]["details"]["missing_ids"] == ["a", "b"]
