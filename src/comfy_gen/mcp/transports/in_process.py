"""A service that this process carries: an ASGI application, called without a network, its streams as they come."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from multidict import CIMultiDict

from comfy_gen.errors import ServiceUnreachableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, MutableMapping

    Message = MutableMapping[str, Any]
    Application = Callable[
        [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
        Awaitable[None],
    ]

log = logging.getLogger(__name__)

GRACE = 1.0
_WAITING = 16
"""So many pieces of an answer may wait to be read."""
_PASSED_ON = frozenset(
    {"authorization", "x-api-key", "x-policy-tier", "host", "origin"}
    | {"forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"}
)


def passed_on(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """Return those headers of a request that say who asks and from where, for the requests that are made for it."""
    told = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers)
    return [(name, value) for name, value in told if name in _PASSED_ON]


class InProcess:
    """The way to an application of this process. Cheap: there may be one for each who asks."""

    def __init__(
        self,
        app: Application,
        *,
        url: str = "http://127.0.0.1:8000",
        client: tuple[str, int] = ("127.0.0.1", 0),
        grace: float = GRACE,
    ) -> None:
        """Know an application, which must have been started: by whoever serves it, or by `started`.

        Args:
            app: The application.
            url: By which address it takes itself to be asked: what its links begin with.
            client: Who asks, by address and port.
            grace: Seconds that the application has to notice that nobody reads its answer any more.
        """
        self._app = app
        self._parts = urlsplit(url)
        self._client = client
        self._grace = grace
        self._tasks: set[asyncio.Task[None]] = set()
        self.url = url.rstrip("/")

    @asynccontextmanager
    async def open(
        self, method: str, target: str, *, headers: Mapping[str, str], content: bytes = b""
    ) -> AsyncGenerator[_Exchange]:
        """Have a request answered, and give the reply once it has begun; raises ServiceUnreachableError."""
        exchange = _Exchange(self.url, content)
        task = asyncio.create_task(self._run(self._scope(method, target, headers, content), exchange))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await exchange.begun()
            yield exchange
        finally:
            await exchange.leave()
            if not exchange.is_whole:
                await self._end(task)

    async def close(self) -> None:
        """Have what is still done after answers end in order, and the rest end."""
        for task in list(self._tasks):
            await self._end(task)

    async def _end(self, task: asyncio.Task[None]) -> None:
        await asyncio.wait({task}, timeout=self._grace)
        if task.cancel():
            await asyncio.wait({task})

    async def _run(self, scope: dict[str, Any], exchange: _Exchange) -> None:
        try:
            await self._app(scope, exchange.receive, exchange.send)
        # An application may raise anything. It has said so in its own log; here the answer breaks off.
        except Exception:
            log.debug("%s %s failed", scope["method"], scope["path"], exc_info=True)
        finally:
            await exchange.end()

    def _scope(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> dict[str, Any]:
        path, _, query = target.partition("?")
        said = CIMultiDict(headers)
        said.setdefault("Host", self._parts.netloc)
        if content:
            said["Content-Length"] = str(len(content))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": self._parts.scheme,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in said.items()],
            "client": self._client,
            "server": (self._parts.hostname or "127.0.0.1", self._parts.port or 80),
            "state": {},
        }


class _Exchange:
    """One request and its reply."""

    def __init__(self, url: str, content: bytes) -> None:
        self._url = url
        self._content: bytes | None = content
        self._pieces: deque[bytes] = deque()
        self._change = asyncio.Condition()
        self.is_whole = False
        """Whether the application has answered: what it does then is its own affair."""
        self._is_ended = False
        self._is_left = False
        self.status = 0
        self.headers: Mapping[str, str] = {}

    async def receive(self) -> Message:
        """Give the application the request, and then nothing until whoever sent it is gone."""
        if self._content is not None:
            content, self._content = self._content, None
            return {"type": "http.request", "body": content, "more_body": False}
        async with self._change:
            await self._change.wait_for(lambda: self._is_left)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a piece of the reply; return once there is room for more. What nobody reads any more is dropped."""
        async with self._change:
            if message["type"] == "http.response.start":
                pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
                self.status, self.headers = message["status"], CIMultiDict(pairs)
            elif message["type"] == "http.response.body":
                self._take(message)
            self._change.notify_all()
            await self._change.wait_for(lambda: len(self._pieces) < _WAITING or self._is_left)

    async def end(self) -> None:
        """Take note that the application is done with it."""
        async with self._change:
            self._is_ended = True
            self._change.notify_all()

    async def begun(self) -> None:
        """Return when the reply begins; raises ServiceUnreachableError where it never will."""
        async with self._change:
            await self._change.wait_for(lambda: self.status or self._is_ended)
        if not self.status:
            raise ServiceUnreachableError(self._url, "it ended without an answer")

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the body as it comes; raises ServiceUnreachableError where it breaks off."""
        while (piece := await self._next()) is not None:
            yield piece
        if not self.is_whole:
            raise ServiceUnreachableError(self._url, "its answer broke off")

    async def read(self) -> bytes:
        """Return the whole body; raises ServiceUnreachableError where it breaks off."""
        return b"".join([chunk async for chunk in self.chunks()])

    async def leave(self) -> None:
        """Go away: whatever comes from now on is for nobody."""
        async with self._change:
            self._is_left = True
            self._change.notify_all()

    def _take(self, message: Message) -> None:
        if (body := message.get("body", b"")) and not self._is_left:
            self._pieces.append(bytes(body))
        self.is_whole = not message.get("more_body", False)

    async def _next(self) -> bytes | None:
        async with self._change:
            await self._change.wait_for(lambda: self._pieces or self.is_whole or self._is_ended)
            piece = self._pieces.popleft() if self._pieces else None
            self._change.notify_all()
        return piece
