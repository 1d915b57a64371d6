"""How a ComfyUI tells of errors; ours are told so, too, each with the code by which it is known everywhere. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.api.dialects.comfyui.answers import told as answered

if TYPE_CHECKING:
    from starlette.responses import Response

    from comfy_gen.api.problems import Told

_REFUSED = 400
_UNPROCESSABLE = 422
"""Which a ComfyUI never answers: a prompt that it does not take is a 400."""


def refusal(kind: str, message: str, details: str = "", extra_info: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the body of a refusal."""
    error = {"type": kind, "message": message, "details": details, "extra_info": extra_info or {}}
    return {"error": error, "node_errors": {}}


def answer(told: Told) -> Response:
    """Return the answer that tells of an error."""
    status = _REFUSED if told.status == _UNPROCESSABLE else told.status
    facts = {**told.details, "code": told.code}
    return answered(refusal(told.code, told.message, told.hint, facts), status, told.headers)
