"""HTTP with one engine: sends requests and turns whatever goes wrong into our errors. Knows no routes."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

import aiohttp

from comfy_gen.comfyui.bodies import rejection
from comfy_gen.errors import EngineResponseError, EngineUnreachableError, InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """How a client behaves; times in seconds."""

    connect_timeout: float = 5.0
    read_timeout: float = 60.0
    """Without a byte for so long a request fails. Long, for a busy ComfyUI answers late."""
    use_websocket: bool = True
    """False polls queue and history instead: for networks that let no WebSocket through."""
    heartbeat: float = 60.0
    """A ping goes out this often, for the server never pings; half of it without an answer is a dead socket."""
    reconnect_delay: float = 0.25
    reconnect_delay_max: float = 10.0
    """The delay doubles from the first to the second; a client that has open prompts never gives up."""
    silence: float = 5.0
    """A running prompt of which nothing was heard for so long is looked up; a queued one after six times as long."""
    give_up: float = 30.0
    """An engine that answers nothing for so long has lost the prompts it had."""
    poll_interval: float = 0.25
    """The first wait between two looks while there is no socket; it grows to eight times as much."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Sent with every request, for engines behind a proxy that wants a key."""


def parse_url(url: str) -> tuple[str, dict[str, str]]:
    """Return an engine's address, with scheme and without a trailing slash, and the headers of a login in it, if any.

    The two are kept apart so that no password gets into a message or a log.

    Raises:
        InvalidParameterError: it is not the http(s) URL of a host, perhaps with a path.
    """
    full = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(full)
        _ = parts.port  # raises where it is no number
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        shown = full.rpartition("@")[2]
        advice = "for example --engine http://127.0.0.1:8188"
        raise InvalidParameterError("the engine's address", shown, "an http:// or https:// URL without a query", advice)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])).rstrip("/")
    if not parts.username:
        return bare, {}
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return bare, {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}


class EngineHttp:
    """Requests to one engine over one pooled session, opened by the first of them."""

    def __init__(self, url: str, options: ClientOptions) -> None:
        self.url, self._login = parse_url(url)
        self.options = options
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session; made on first use, for it belongs to the running loop."""
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(
                total=None, sock_connect=self.options.connect_timeout, sock_read=self.options.read_timeout
            )
            connector = aiohttp.TCPConnector(limit=32, ttl_dns_cache=300)
            self._session = aiohttp.ClientSession(
                timeout=timeout,
                connector=connector,
                headers={**self._login, **self.options.headers},
                max_field_size=64 * 1024,
            )
        return self._session

    async def close(self) -> None:
        """Close the session; a later request opens a new one."""
        if self._session is not None:
            await self._session.close()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        accept: tuple[int, ...] = (),
    ) -> tuple[int, bytes]:
        """Send one request and return status and body.

        ``body`` is sent as JSON, ``data`` as it is. Statuses of 400 and above raise unless ``accept`` lists them.

        Raises:
            EngineUnreachableError: nobody answered, or the connection broke.
            EngineResponseError: the status.
        """
        payload = json.dumps(body).encode() if body is not None else data
        sent = {"Content-Type": "application/json", **(headers or {})} if body is not None else headers
        try:
            async with self.session.request(
                method, self.url + path, params=params, data=payload, headers=sent
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable(error) from error
        if response.status >= 400 and response.status not in accept:
            raise self._refused(path, response.status, content)
        return response.status, content

    async def json(self, method: str, path: str, *, kind: type = object, **kwargs: Any) -> Any:
        """Send one request and return its JSON answer, which must be of a kind: dict for an object, list for an array.

        Raises:
            EngineResponseError: also for an answer that is not of that kind, or no JSON, such as a proxy's page.
        """
        status, content = await self.request(method, path, **kwargs)
        return self._parsed(path, status, content, kind)

    async def json_if_found(self, path: str, *, kind: type = object, **kwargs: Any) -> Any | None:
        """GET a JSON answer as `json` does; None for a 404, with which some routes say "nothing there"."""
        status, content = await self.request("GET", path, accept=(404,), **kwargs)
        return None if status == 404 else self._parsed(path, status, content, kind)

    def _parsed(self, path: str, status: int, content: bytes, kind: type) -> Any:
        try:
            data = json.loads(content)
        except ValueError as error:
            raise self._refused(path, status, content) from error
        if not isinstance(data, kind):
            raise self._refused(path, status, content)
        return data

    async def chunks(self, path: str, params: Mapping[str, str]) -> AsyncIterator[bytes]:
        """Yield the body of a GET piece by piece, so that a large file never lies in memory."""
        try:
            async with self.session.get(self.url + path, params=params) as response:
                if response.status >= 400:
                    raise self._refused(path, response.status, await response.read())
                async for chunk in response.content.iter_chunked(CHUNK):
                    yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable(error) from error

    async def websocket(self, client_id: str, *, greeting: Mapping[str, Any]) -> aiohttp.ClientWebSocketResponse:
        """Open the engine's WebSocket under a client id that no other connection has, and send the first message.

        Raises:
            EngineUnreachableError: nobody answers, or no WebSocket gets through.
        """
        options = self.options
        try:
            async with asyncio.timeout(2 * options.connect_timeout):
                connection = await self.session.ws_connect(
                    f"{self.url}/ws", params={"clientId": client_id}, heartbeat=options.heartbeat, max_msg_size=0
                )
                await connection.send_json(greeting)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable(error) from error
        return connection

    def _unreachable(self, error: Exception) -> EngineUnreachableError:
        never_sent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.InvalidURL)
        return EngineUnreachableError(url=self.url, reason=reason_of(error), may_have_arrived=not never_sent)

    def _refused(self, path: str, status: int, content: bytes) -> Exception:
        text = content.decode(errors="replace")
        if path == "/prompt" and status == 400 and (body := _json_object(text)):
            return rejection(body)
        return EngineResponseError(url=self.url + path, status=status, body=text)


def reason_of(error: Exception) -> str:
    """Return why a connection failed, as a person would say it."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "the host name is not known"
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, ConnectionRefusedError):
            return "connection refused"
        case aiohttp.WSServerHandshakeError():
            return f"its WebSocket answered with status {error.status}"
        case TimeoutError() | asyncio.TimeoutError():
            return "no answer in time"
        case _:
            return str(error) or type(error).__name__


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        data = json.loads(text)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None  # pyright: ignore[reportUnknownVariableType]  # foreign JSON
