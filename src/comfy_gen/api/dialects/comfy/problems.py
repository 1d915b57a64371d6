"""Errors as the dialect tells them, so that its SDKs raise what their callers catch.

{"error": {"code": "queue_full", "message": "…", "details": {"code": "owner_queue_full", "hint": "…", …}}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from comfy_gen import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from comfy_gen.api.problems import Told
    from comfy_gen.errors import ComfyGenError

Shape = tuple[int, str]
"""The status and the code that an error has in the dialect."""

_KINDS: tuple[tuple[type[ComfyGenError], Shape], ...] = (
    (errors.IdempotencyConflictError, (422, "idempotency_key_reuse")),
    (errors.OwnerQueueFullError, (429, "queue_full")),
    (errors.QueueFullError, (429, "queue_full")),
    (errors.ArtifactGoneError, (404, "output_unavailable")),
    (errors.BlobNotFoundError, (404, "blob_not_found")),
    (errors.WorkflowIsUiFormatError, (422, "workflow_format_ui")),
    (errors.WorkflowError, (422, "invalid_workflow")),
    (errors.GraphTooLargeError, (422, "invalid_workflow")),
    (errors.NoCapableEngineError, (422, "invalid_workflow")),
)
"""The first that fits counts."""

_PARAMETERS: Mapping[str, Shape] = {
    "metadata": (422, "metadata_invalid"),
    "cursor": (400, "invalid_cursor"),
    **dict.fromkeys(("the body", "extra_data", "Idempotency-Key", "limit", "status"), (400, "invalid_request")),
}
_FILTER: Shape = (400, "invalid_metadata_filter")

_CODES: Mapping[int, str] = {
    400: "invalid_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    413: "payload_too_large",
    415: "invalid_request",
    500: "upstream_error",
    502: "upstream_error",
    503: "upstream_unreachable",
}


def answer(told: Told) -> Response:
    """Return the response that tells of an error."""
    status, code = shape_of(told)
    details = {**told.details, **_named(told.error), "code": told.code, "hint": told.hint}
    body = {"error": {"code": code, "message": told.message, "details": details}}
    return JSONResponse(body, status, headers=told.headers)


def shape_of(told: Told) -> Shape:
    """Return the status and the code of an error; an own code of ours where the dialect has none for it."""
    error = told.error
    if error is not None:
        if found := next((shape for kind, shape in _KINDS if isinstance(error, kind)), None):
            return found
        if isinstance(error, errors.InvalidParameterError):
            fallback = _FILTER if error.name.startswith("metadata[") else (told.status, "invalid_request")
            return _PARAMETERS.get(error.name, fallback)
    return told.status, _CODES.get(told.status, told.code)


def _named(error: ComfyGenError | None) -> dict[str, Any]:
    """Return what the dialect has a name of its own for."""
    return {"missing_ids": list(error.missing)} if isinstance(error, errors.MissingAssetError) else {}
