"""Answers HEAD wherever GET is answered: load balancers, and whoever looks after links, ask so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Match

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """ASGI: has a route that knows GET alone answer HEAD, too, with the same headers and without a body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or _is_taken(scope):
            await self.app(scope, receive, send)
            return
        scope["method"] = "GET"  # of this very scope: what the router writes there is read by those around this
        try:
            await self.app(scope, _Leaving(), _Muted(send))
        finally:
            scope["method"] = "HEAD"


class _Leaving:
    """What somebody sends who asks, and goes: a stream ends at once."""

    def __init__(self) -> None:
        self._has_asked = False

    async def __call__(self) -> Message:
        if self._has_asked:
            return {"type": "http.disconnect"}
        self._has_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}


class _Muted:
    """Sends the head of an answer, and none of its body."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._send(message)
            await self._send({"type": "http.response.body", "body": b""})


def _is_taken(scope: Scope) -> bool:
    """Tell whether a route answers HEAD itself."""
    return any(route.matches(scope)[0] is Match.FULL for route in scope["app"].routes)
