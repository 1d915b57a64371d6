"""Errors as the HTTP service tells them: one shape on all routes, and the status that fits.

{"error": {"code": "job_not_found", "message": "no job has the id '4f1d'", "hint": "…", "details": {…}}}
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.routing import Match

from comfy_gen import errors
from comfy_gen.api.dialects.dialect import dialect_at
from comfy_gen.api.paths import path_of
from comfy_gen.errors import ComfyGenError
from comfy_gen.jobs.failure import failure_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI, Request
    from starlette.responses import Response
    from starlette.types import Scope

log = logging.getLogger(__name__)

_STATUSES: tuple[tuple[type[ComfyGenError], int], ...] = (
    (errors.UnauthorizedError, 401),
    (errors.ForbiddenError, 403),
    (errors.NodeNotAllowedError, 403),
    (errors.PolicyTierError, 403),
    (errors.ForbiddenContentError, 403),
    (errors.JobNotFoundError, 404),
    (errors.ArtifactNotFoundError, 404),
    (errors.PreviewNotFoundError, 404),
    (errors.BlobNotFoundError, 404),
    (errors.WorkflowNotFoundError, 404),
    (errors.EngineNotFoundError, 404),
    (errors.KeyNotFoundError, 404),
    (errors.DeliveryNotFoundError, 404),
    (errors.CategoryNotFoundError, 404),
    (errors.RecipeNotFoundError, 404),
    (errors.GenerationNotFoundError, 404),
    (errors.FavoriteNotFoundError, 404),
    (errors.PresetNotFoundError, 404),
    (errors.JobStateError, 409),
    (errors.IdempotencyConflictError, 409),
    (errors.DuplicateEngineError, 409),
    (errors.WorkflowNameTakenError, 409),
    (errors.FavoriteKeptError, 409),
    (errors.HashMismatchError, 409),
    (errors.AssetInUseError, 409),
    (errors.ArtifactGoneError, 410),
    (errors.BodyTooLargeError, 413),
    (errors.UploadsFullError, 413),
    (errors.UnsupportedMediaError, 415),
    (errors.WorkflowSyntaxError, 400),
    (errors.NoCategoryError, 400),
    (errors.RateLimitError, 429),
    (errors.OwnerQueueFullError, 429),
    (errors.QueueFullError, 503),
    (errors.NoEngineError, 503),
    (errors.DatabaseError, 503),
    (errors.StorageError, 503),
    (errors.TrackingUnavailableError, 503),
    (errors.ScoringBusyError, 503),
    (errors.ConfigurationError, 422),
    (errors.JobError, 422),
    (errors.EngineError, 502),
)
"""The first that fits counts; what is not here is a bug of ours."""

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MOST_PROBLEMS = 100
"""So many problems of a body are told: it may have as many as it has fields."""
_MOST_SAID = 5
"""So many of them are in the message."""
_LONGEST_PLACE = 200
"""Characters of where something is wrong: its name is the caller's."""
_RETRY_AFTER = {429: 10, 503: 5}
"""Seconds, where nobody knows better."""

_CODES = {
    400: ("malformed_request", "send what the documentation at /docs shows."),
    404: ("not_found", "the routes are listed at /docs."),
    405: ("method_not_allowed", "the routes and their methods are listed at /docs."),
    415: ("unsupported_media_type", "send JSON, with `Content-Type: application/json`."),
    416: ("range_not_satisfiable", "ask for a part that the file has."),
}


def status_of(error: ComfyGenError) -> int:
    """Return the HTTP status of an error."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell of an error, in whichever words."""

    status: int
    code: str
    message: str
    hint: str = ""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    error: ComfyGenError | None = None
    """The error itself, where it is one of ours."""


def told_of(error: ComfyGenError) -> Told:
    """Return what there is to tell of an error."""
    status, failure, parts = status_of(error), failure_of(error), _parts(error)
    listed = _listed([one.as_json() for one in parts[:MOST_PROBLEMS]], len(parts)) if parts else {}
    details = {**failure.details, **listed}
    headers = _headers(error, status)
    return Told(status, failure.code, failure.message, failure.hint, details, headers, error)


def problem(
    status: int, code: str, message: str, hint: str = "", details: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the body of an error, whose ``status`` is told in the details, too."""
    return {"error": {"code": code, "message": message, "hint": hint, "details": {**(details or {}), "status": status}}}


def plainly(told: Told) -> Response:
    """Return the answer that tells of an error in the service's own words."""
    body = problem(told.status, told.code, told.message, told.hint, told.details)
    return JSONResponse(body, told.status, headers=told.headers)


def response_to(scope: Scope, error: ComfyGenError) -> Response:
    """Return the answer that tells whoever sent a request of an error, in the words that they speak."""
    return _answer(scope, told_of(error))


def install(app: FastAPI) -> None:
    """Have an app answer with problems in this shape, whatever goes wrong; dialects have shapes of their own."""
    app.add_exception_handler(ComfyGenError, _on_ours)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(ClientDisconnect, _on_departure)
    app.add_exception_handler(Exception, _on_bug)


def _answer(scope: Scope, told: Told) -> Response:
    dialect = dialect_at(scope["app"], path_of(scope))
    return plainly(told) if dialect is None else dialect.answer(told)


def _parts(error: ComfyGenError) -> Sequence[ComfyGenError]:
    """Return the errors of which one is made, where there are several."""
    if isinstance(error, errors.InvalidRequestError):
        return error.errors
    if isinstance(error, errors.InvalidParameterError) and error.others:
        return [errors.InvalidParameterError(error.name, error.value, error.expected, error.advice), *error.others]
    return []


def _headers(error: ComfyGenError, status: int) -> dict[str, str]:
    headers: dict[str, str] = {}
    if status in _RETRY_AFTER:
        wanted = error.retry_after if isinstance(error, errors.RateLimitError) else _RETRY_AFTER[status]
        headers["Retry-After"] = str(max(math.ceil(wanted), 1))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


async def _on_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, ComfyGenError)  # noqa: S101  # it is installed for these
    if status_of(error) >= 500:
        log.warning("%s", error)
    return response_to(request.scope, error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # it is installed for these
    found: Sequence[Any] = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        why = found[0].get("ctx", {}).get("error", "it is not JSON")
        told = Told(400, "malformed_json", f"the body is not JSON: {why}", "send one JSON document.")
        return _answer(request.scope, told)
    problems = [{"where": _place(one["loc"]), "message": one["msg"]} for one in found[:MOST_PROBLEMS]]
    said = "; ".join(f"{one['where']}: {one['message']}" for one in problems[:_MOST_SAID])
    more = f"; and {len(found) - _MOST_SAID} more" if len(found) > _MOST_SAID else ""
    details = _listed(problems, len(found))
    return _answer(
        request.scope, Told(422, "invalid_request", f"{said}{more}", "/docs shows what is expected.", details)
    )


def _listed(problems: Sequence[Mapping[str, Any]], number: int) -> dict[str, Any]:
    """Return problems as details have them, and of how many nothing is said."""
    left = number - len(problems)
    return {"problems": problems, **({"problems_left_out": left} if left else {})}


def _place(location: Sequence[str | int]) -> str:
    """Return where something is wrong, as the caller knows it: not by which of the bodies it was taken for."""
    first, *rest = map(str, location)
    is_tagged = first == "body" and len(rest) > 1 and rest[0] in {"wrapper", "prompt"}
    said = ".".join([first, *(rest[1:] if is_tagged else rest)])
    return said if len(said) <= _LONGEST_PLACE else f"{said[:_LONGEST_PLACE]}…"


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # it is installed for these
    code, hint = _CODES.get(error.status_code, ("http", ""))
    said = str(error.detail)
    if error.status_code in (404, 405):
        said = f"there is no {request.method} {request.url.path}"
    elif said == HTTPStatus(error.status_code).phrase:
        said = said.lower()
    headers = {**(error.headers or {}), **({"Allow": _methods_at(request)} if error.status_code == 405 else {})}
    return _answer(request.scope, Told(error.status_code, code, said, hint, headers=headers))


async def _on_departure(request: Request, _: Exception) -> Response:
    """Answer who has gone before all of what they send was here: for the log, and no bug."""
    return _answer(request.scope, Told(400, "malformed_request", "the connection ended before the body did"))


def _methods_at(request: Request) -> str:
    """Return the methods of all routes that have this path; an HTTPException knows those of the first alone."""

    def is_there(method: str) -> bool:
        scope = {**request.scope, "method": "GET" if method == "HEAD" else method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return ", ".join(filter(is_there, _METHODS))


async def _on_bug(request: Request, error: Exception) -> Response:
    log.error("%s %s met a bug", request.method, request.url.path, exc_info=error)
    said = "something went wrong here that should not have"
    return _answer(request.scope, Told(500, "internal", said, "its log tells more; this is a bug in ComfyGen."))
