"""A service at a URL. Knows what it is told, and nothing of the environment: no proxies, no logins kept elsewhere."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from comfy_gen.errors import InvalidParameterError, ServiceUnreachableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

CONNECT = 5.0
"""Seconds until a service that does not pick up is one that is not there."""
SILENCE = 40.0
"""Seconds without a byte after which a connection is dead: streams send a heartbeat every 15."""


class Remote:
    """The way to a service at a URL."""

    def __init__(self, url: str, key: str = "") -> None:
        """Know where a service is; nothing is sent yet.

        Raises:
            InvalidParameterError: this cannot be its URL.
        """
        self._root = _checked(url)
        self._headers = _told(key, has_login=self._root.user is not None)
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """Where the service is, without a login."""
        return str(self._root.with_user(None)).rstrip("/")

    @asynccontextmanager
    async def open(
        self, method: str, target: str, *, headers: Mapping[str, str], content: bytes = b""
    ) -> AsyncGenerator[_RemoteReply]:
        """Send a request, and give the reply once it has begun; raises ServiceUnreachableError."""
        address = URL(f"{str(self._root).rstrip('/')}{target}", encoded=True)
        said = CIMultiDict({**headers})
        said.update(self._headers)
        try:
            # Wherever a redirection leads, the key is not for there.
            asked = await self._opened().request(
                method, address, headers=said, data=content or None, allow_redirects=False
            )
        except (aiohttp.ClientError, OSError) as error:
            raise ServiceUnreachableError(self.url, _reason(error)) from error
        async with asked:
            yield _RemoteReply(self.url, asked)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT, sock_read=SILENCE)
            self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
        return self._session


class _RemoteReply:
    def __init__(self, url: str, answer: aiohttp.ClientResponse) -> None:
        self._url = url
        self._answer = answer
        self.status = answer.status
        self.headers: Mapping[str, str] = answer.headers

    async def chunks(self) -> AsyncGenerator[bytes]:
        try:
            async for chunk in self._answer.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise ServiceUnreachableError(self._url, _reason(error)) from error

    async def read(self) -> bytes:
        return b"".join([chunk async for chunk in self.chunks()])


def _told(key: str, *, has_login: bool) -> dict[str, str]:
    """Return the header with a key; where the URL has a login, that one is said with ``Authorization``."""
    if not key:
        return {}
    return {"X-API-Key": key} if has_login else {"Authorization": f"Bearer {key}"}


def _checked(url: str) -> URL:
    expected = "the address of a ComfyGen service, such as http://127.0.0.1:8000"
    try:
        root = URL(url.strip())
    except ValueError as error:
        raise InvalidParameterError("url", url, expected) from error
    if root.scheme not in ("http", "https") or not root.host or root.query_string or root.fragment:
        raise InvalidParameterError("url", url, expected)
    return root


def _reason(error: Exception) -> str:
    """Return what happened, as a person would say it."""
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        return os.strerror(number).lower() if number else str(error.os_error)
    if isinstance(error, TimeoutError):
        return "it took too long to answer"
    return str(error) or type(error).__name__
