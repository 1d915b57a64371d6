"""Where the route handlers find the engine, and how they read bodies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web

if TYPE_CHECKING:
    from comfy_gen.sandbox.engine import Engine
    from comfy_gen.sandbox.server import Sandbox

SANDBOX: web.AppKey[Sandbox] = web.AppKey("sandbox")
ENGINE: web.AppKey[Engine] = web.AppKey("engine")

TROUBLE_TEXT = "500 Internal Server Error\n\nServer got itself in trouble"
"""What aiohttp says when a handler raises; ComfyUI's handlers raise on many a bad body."""


def engine_of(request: web.Request) -> Engine:
    """Return the engine that answers this request."""
    return request.app[ENGINE]


def trouble() -> web.HTTPInternalServerError:
    """Return the answer of a server whose handler raised."""
    return web.HTTPInternalServerError(text=TROUBLE_TEXT)


async def json_of(request: web.Request) -> Any:
    """Return the body as JSON, whatever its content type says.

    Raises:
        web.HTTPInternalServerError: it is not JSON; a real server does not survive that any better.
    """
    try:
        return json.loads(await request.text())
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise trouble() from error


async def object_of(request: web.Request) -> dict[str, Any]:
    """Return the body as a JSON object.

    Raises:
        web.HTTPInternalServerError: it is something else.
    """
    body: object = await json_of(request)
    if not isinstance(body, dict):
        raise trouble()
    return cast("dict[str, Any]", body)


def fields_of(value: object) -> dict[str, Any]:
    """Return a JSON value if it is an object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
