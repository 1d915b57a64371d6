"""Errors as OpenAI tells them, so that its SDKs raise what their callers catch.

{"error": {"message": "…", "type": "invalid_request_error", "param": "size", "code": "invalid_value", "comfygen": {…}}}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.responses import JSONResponse

from comfy_gen.api.problems import Told, told_of
from comfy_gen.errors import InvalidRequestError

if TYPE_CHECKING:
    from starlette.responses import Response

REFUSED = frozenset({"forbidden_content", "picture_withheld", "policy_tier"})
"""Our codes of what a policy forbids."""
_CODES = {
    "forbidden": "insufficient_permissions",
    "invalid_image": "invalid_image_file",
    "missing_model": "model_not_found",
    "no_capable_engine": "model_not_found",
    "owner_queue_full": "rate_limit_exceeded",
    "rate_limited": "rate_limit_exceeded",
    "unauthorized": "invalid_api_key",
    "workflow_not_found": "model_not_found",
    **dict.fromkeys(REFUSED, "moderation_blocked"),
}
"""OpenAI's, by ours; those that have no other are told as they are."""
_PARAMS = {
    "crop": "size",
    "height": "size",
    "input image": "image",
    "input_image": "image",
    "negative prompt": "negative_prompt",
    "preset": "quality",
    "resize": "size",
    "width": "size",
    "workflow": "model",
}
"""What a request calls what we call otherwise."""
_KINDS = (("Field required", "missing_required_parameter"), ("Extra inputs", "unknown_parameter"))


class Shape(NamedTuple):
    """What OpenAI says of an error besides its words."""

    status: int
    type: str
    code: str
    param: str | None = None


def answer(told: Told, *, is_classic: bool = False) -> Response:
    """Return the response that tells of an error; DALL·E, which ``is_classic``, has another word for a refusal."""
    shape = shape_of(told)
    if is_classic and told.code in REFUSED:
        shape = Shape(400, "invalid_request_error", "content_policy_violation")
    return JSONResponse(body_of(told, shape), shape.status, headers={**told.headers, **_advice(shape.status)})


def body_of(told: Told, shape: Shape) -> dict[str, Any]:
    """Return the body of an error."""
    ours = {"code": told.code, "hint": told.hint, "details": dict(told.details)}
    facts = {"message": _words_of(told), "type": shape.type, "param": shape.param, "code": shape.code}
    return {"error": {**facts, "comfygen": ours}}


def shape_of(told: Told) -> Shape:
    """Return what OpenAI says of such an error."""
    if told.code in REFUSED:
        return Shape(400, "image_generation_user_error", "moderation_blocked")
    code = _CODES.get(told.code, told.code)
    if code == "model_not_found":
        return Shape(404, "invalid_request_error", code, "model")
    if told.status == 429:
        return Shape(429, "requests", code)
    if told.status >= 500:
        return Shape(told.status, "server_error", code)
    if told.code in {"invalid_request", "invalid_parameter", "role_not_found"}:
        return Shape(400, "invalid_request_error", _kind_of(told), _param_of(told))
    return Shape(400 if told.status == 422 else told.status, "invalid_request_error", code, _param_of(told))


def _words_of(told: Told) -> str:
    """Return an error in a sentence or two, as whoever sent parameters of OpenAI's can read it."""
    if told.code == "workflow_not_found":
        return f"The model {told.details.get('name')!r} does not exist here. GET /v1/models lists those that do."
    wrong = [one for one in told.details.get("problems") or () if "where" in one]
    if wrong:
        return "; ".join(f"{_param_named(one['where'])}: {one['message']}" for one in wrong)
    return " ".join(f"{said[0].upper()}{said[1:].rstrip('.')}." for said in (told.message, told.hint) if said)


def _kind_of(told: Told) -> str:
    return next((code for words, code in _KINDS if words in told.message), "invalid_value")


def _param_of(told: Told) -> str | None:
    """Return the first parameter that is wrong."""
    if isinstance(told.error, InvalidRequestError):
        return _param_of(told_of(told.error.errors[0]))
    wrong = [one["where"] for one in told.details.get("problems") or () if "where" in one]
    name = next(iter(wrong), None) or told.details.get("name") or told.details.get("role")
    return _param_named(name) if isinstance(name, str) else None


def _param_named(name: str) -> str | None:
    bare = re.sub(r"^(body|inputs|query|path|header)\.", "", name)
    return _PARAMS.get(bare, bare) or None


def _advice(status: int) -> dict[str, str]:
    """Return what keeps an SDK from sending again what can only give the same answer; the others it sends again."""
    return {"x-should-retry": "false"} if status == 409 else {}
