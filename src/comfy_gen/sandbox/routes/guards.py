"""What comes before every handler: faults that strike requests, the origin check, OPTIONS."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from comfy_gen.sandbox.faults import Kind
from comfy_gen.sandbox.routes.context import TROUBLE_TEXT, engine_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SCRIPT_PATH = "/sandbox/"
"""Where the faults themselves are scripted: never struck by one."""


@web.middleware
async def strike(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the faults happen that were scripted for this request."""
    faults = engine_of(request).faults
    if not faults or request.path.startswith(SCRIPT_PATH):
        return await handler(request)
    struck = {fault.kind: fault for fault in faults.on_request(request.method, request.path)}
    if Kind.REFUSE in struck:
        return _cut(request)
    if Kind.SLOW_ANSWER in struck:
        await asyncio.sleep(struck[Kind.SLOW_ANSWER].seconds)
    if Kind.ERROR_500 in struck:
        return web.Response(status=500, text=TROUBLE_TEXT)
    response = await handler(request)
    return _cut(request) if Kind.LOSE_ANSWER in struck else response


def _cut(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)


@web.middleware
async def check_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse pages of other sites the way into a server on this machine, as ComfyUI does."""
    if request.method == "OPTIONS":
        return web.Response()
    origin, host = request.headers.get("Origin"), request.headers.get("Host", "")
    if origin is not None and _is_loopback(host) and (urlsplit(origin).netloc or host) != host:
        return web.Response(status=403)
    return await handler(request)


def _is_loopback(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


GUARDS = (strike, check_origin)
