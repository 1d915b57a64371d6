"""Answers as a ComfyUI gives them, and the bodies that its clients send, whatever they say these are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from starlette.exceptions import HTTPException
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

JSON = "application/json; charset=utf-8"
"""The media type of its JSON, to the letter."""


def told(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer that is JSON."""
    text = json.dumps(content, separators=(",", ":"))
    return Response(text, status, {**(headers or {}), "content-type": JSON})


def done() -> Response:
    """Return the answer to what is only to be done."""
    return Response()


async def json_of(request: Request) -> Any:
    """Return the body of a request. A ComfyUI answers 500 where it is no JSON; here it is told why.

    Raises:
        HTTPException: it is none.
    """
    try:
        return json.loads(await request.body())
    except ValueError as error:  # the error of text that is no UTF-8 is one, too
        raise HTTPException(400, f"the body is not JSON: {error}") from error


async def object_of(request: Request) -> dict[str, Any]:
    """Return the body of a request that is to be an object.

    Raises:
        HTTPException: it is none.
    """
    body = await json_of(request)
    if not isinstance(body, dict):
        raise HTTPException(400, "the body is not a JSON object")
    return cast("dict[str, Any]", body)


def fields_of(data: object) -> dict[str, Any]:
    """Return the fields of JSON data; what is no object has none."""
    return cast("dict[str, Any]", data) if isinstance(data, dict) else {}


def ids_in(body: Mapping[str, Any], name: str) -> list[str]:
    """Return the ids that a body lists; what is none means nobody's job.

    Raises:
        HTTPException: it is no list.
    """
    listed: object = body.get(name) or []
    if not isinstance(listed, list):
        raise HTTPException(400, f"{name} is not a list of ids")
    return [one for one in cast("list[object]", listed) if isinstance(one, str)]
