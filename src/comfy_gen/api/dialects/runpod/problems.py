"""Errors as RunPod tells them: an ``error`` in words; ours has its code beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from comfy_gen.jobs.endpoint import in_words

if TYPE_CHECKING:
    from starlette.responses import Response

    from comfy_gen.api.problems import Told


def answer(told: Told) -> Response:
    """Return the response that tells of an error."""
    ours = facts_of(told)
    status = 400 if told.status == 422 else told.status
    return JSONResponse({"error": in_words(ours), "comfygen": ours}, status, headers=told.headers)


def facts_of(told: Told) -> dict[str, Any]:
    """Return what this service says of an error."""
    return {"code": told.code, "message": told.message, "hint": told.hint, "details": dict(told.details)}
