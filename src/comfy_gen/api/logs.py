"""Gives each request an id, and logs it in one line: what was asked for by whom, never the query or the body."""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from structlog.contextvars import bound_contextvars

from comfy_gen.api.dialects.dialect import dialect_at
from comfy_gen.api.paths import path_of
from comfy_gen.config import configure_logging

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from comfy_gen.config import Settings

HEADER = b"x-request-id"
UNROUTED = "-"
"""What stands for the path of a request that no route fits: the path itself is anything that anybody likes."""
QUIET = frozenset({"/health", "/ready", "/metrics"})
"""Asked every few seconds by machines: logged where DEBUG is."""
LIBRARIES = ("uvicorn", "opentelemetry", "mcp")
"""What else has something to say while the service runs."""

_OF_SOCKETS = (
    '"WebSocket %s"',  # with its query; we log each of them
    "ASGI callable returned without completing handshake.",  # of one that was refused with an answer
    "connection open",
    "connection closed",
)
"""What uvicorn says of WebSockets besides errors."""
_GIVEN = re.compile(rb"[A-Za-z0-9._-]{1,128}")
_LONGEST_PATH = 200

log = logging.getLogger("comfy_gen.api.requests")


def configure_server_logging(settings: Settings) -> None:
    """Log what ComfyGen and the server it runs on have to say in the same form, and to the same places.

    Raises:
        OutputPathError: the log file cannot be written.
    """
    configure_logging(settings)
    level = {"trace": "DEBUG"}.get(settings.api.log_level, settings.api.log_level.upper())
    logging.getLogger("comfy_gen.api").setLevel(level)
    for name in LIBRARIES:
        library = logging.getLogger(name)
        library.handlers = list(logging.getLogger("comfy_gen").handlers)
        library.propagate = False
        library.setLevel(level)
    for name in ("uvicorn.error", "uvicorn.access"):  # it may have set them up before us
        logging.getLogger(name).handlers = []
    logging.getLogger("uvicorn.error").addFilter(_is_told)
    logging.getLogger("mcp").setLevel("WARNING")  # it would tell of each message, and we log each request
    logging.getLogger("uvicorn.access").setLevel("CRITICAL")  # it would log queries, and we log each request


def _is_told(record: logging.LogRecord) -> bool:
    return not any(text in str(record.msg) for text in _OF_SOCKETS)


class RequestLog:
    """Wraps an ASGI application: ids in, ids out, and one line for each request."""

    def __init__(self, app: ASGIApp, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, which has its id in ``request.state.request_id`` and in ``X-Request-ID``."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        seen = Seen(self._clock)
        with bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, seen.listening(send, (HEADER, request_id.encode())))
            except Exception:
                seen.begin(500)
                raise
            finally:
                tell(scope, seen.status, seen.taken)


class Seen:
    """What was seen of an answer as it passed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.status = 0
        """0 where there was no answer: the client left first."""
        self._clock = clock
        self._asked = clock()
        self._begun: float | None = None

    @property
    def seconds(self) -> float:
        """How long it took until the answer began, or has taken."""
        return (self._clock() if self._begun is None else self._begun) - self._asked

    @property
    def taken(self) -> float:
        """How long it has taken altogether."""
        return self._clock() - self._asked

    def begin(self, status: int) -> None:
        """Take in that an answer began, if none did before."""
        if self._begun is None:
            self.status, self._begun = status, self._clock()

    def listening(self, send: Send, *headers: tuple[bytes, bytes]) -> Send:
        """Return what sends an answer on and takes in how it began; with more headers."""

        async def listen(message: Message) -> None:
            if message["type"] == "websocket.accept":
                self.begin(101)
            elif message["type"] in {"http.response.start", "websocket.http.response.start"}:
                self.begin(message["status"])
                if headers:
                    message = {**message, "headers": [*message.get("headers", ()), *headers]}
            await send(message)

        return listen


def tell(scope: Scope, status: int, seconds: float) -> None:
    """Log one request."""
    path = route_of(scope)
    shown = quote(scope["path"])[:_LONGEST_PATH] if path == UNROUTED else path  # it cannot look like another line
    level = logging.DEBUG if path in QUIET and status < 400 else logging.WARNING if status >= 500 else logging.INFO
    if not log.isEnabledFor(level):
        return
    milliseconds, caller = round(seconds * 1000, 1), _caller_of(scope)
    method = scope.get("method", "WEBSOCKET")
    facts = {"method": method, "path": shown, "status": status, "milliseconds": milliseconds, "caller": caller}
    by = f" for {caller}" if caller else ""
    answer = status or "no answer"
    log.log(level, "%s %s: %s in %g ms%s", method, shown, answer, milliseconds, by, extra=facts)


def request_id_of(scope: Scope) -> str:
    """Return the id that the client gave, if it is fit to be logged and sent back, or a new one."""
    given = next((value for name, value in scope["headers"] if name == HEADER), b"")
    return given.decode() if _GIVEN.fullmatch(given) else str(uuid.uuid4())


def route_of(scope: Scope) -> str:
    """Return the route that answered, such as ``/jobs/{job_id}``; there are few, whatever is asked for."""
    route: Any = scope.get("route")
    if not (path := getattr(route, "path", None)):
        return UNROUTED
    # A dialect's routes may not know what begins their paths: they are not to be taken for our own of the same name.
    dialect = dialect_at(scope["app"], asked := path_of(scope))
    prefix = dialect.prefix_of(asked) if dialect else ""
    return prefix + path.removeprefix(prefix)


def _caller_of(scope: Scope) -> str:
    """Return the name of the key that asked, as one word of a line."""
    caller: Any = scope["state"].get("caller")
    name = str(getattr(caller, "name", "") or "")
    return name if name.isprintable() else ascii(name)
