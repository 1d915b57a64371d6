"""Makes long answers short on their way. Files and streams go as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.gzip import GZipMiddleware

from comfy_gen.api.paths import path_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

AS_THEY_ARE = (
    "/api/v2/assets/",
    "/artifacts/",
    "/library/archive",
    "/mcp",
    "/runsync",
    "/status/",
    "/stream/",
    "/studio/files/",
    "/uploads/",
    "/v1/images/",
    "/v2/",
)
"""Where files are, of which somebody may want a part, and what is compressed already: pictures within JSON are, too."""
WORTHWHILE = 4_096
"""Bytes from which on it saves more than it costs: lists, and no result of a job."""
_LEVEL = 5


class Compression:
    """ASGI: compresses what is long, for those who can read that. Streams of events are never held back."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._plain = app
        self._short = GZipMiddleware(app, minimum_size=WORTHWHILE, compresslevel=_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the application answer."""
        is_plain = scope["type"] != "http" or path_of(scope).startswith(AS_THEY_ARE)
        await (self._plain if is_plain else self._short)(scope, receive, send)
