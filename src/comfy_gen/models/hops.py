"""Asks for a file or a part of it, through redirects, none of which may lead where it is not allowed to."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from comfy_gen.comfyui.http import reason_of
from comfy_gen.errors import ModelSourceError
from comfy_gen.guard import GuardedResolver, refusal
from comfy_gen.models.answers import Answer, Busy, Moved, Refused, read_answer
from comfy_gen.models.proxies import proxy_advice

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from comfy_gen.models.model import Offer
    from comfy_gen.models.parts import Span

_BUFFER = 2**18
_ANY_FORM = {"Accept-Encoding": "identity", "User-Agent": "comfygen"}


class BrokenError(Exception):
    """An answer did not come, or ended before its end; it may go on after a while."""

    def __init__(self, reason: str, after: float | None = None, advice: str = "") -> None:
        super().__init__(reason)
        self.after = after
        """Seconds that the server asks to be left alone; None where it does not say."""
        self.advice = advice


class Body:
    """The bytes that an answer brings."""

    def __init__(self, response: aiohttp.ClientResponse | None) -> None:
        self._response = response

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield them as they come.

        Raises:
            BrokenError: they end before their end.
        """
        if self._response is None:
            return
        try:
            async for chunk in self._response.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise BrokenError(said_of(error)) from error


class Hops:
    """The way to an offer's file, taken anew for each request: where it ends may be signed for a short time only."""

    def __init__(
        self, offer: Offer, *, silence: float = 60.0, max_redirects: int = 10, allow_private: bool = False
    ) -> None:
        self._offer = offer
        self._max_redirects = max_redirects
        self._allow_private = allow_private
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=GuardedResolver(allow_private=allow_private)),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=silence, sock_read=silence),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_ANY_FORM,
            auto_decompress=False,
            read_bufsize=_BUFFER,
            trust_env=False,  # a proxy would connect to addresses that nobody has looked at
        )

    async def close(self) -> None:
        """Let go of all connections."""
        await self._session.close()

    @asynccontextmanager
    async def ask(self, span: Span | None, validator: str = "") -> AsyncGenerator[tuple[Answer, Body]]:
        """Ask for some bytes, or all; give what is answered, and what brings the bytes if any follow.

        Raises:
            ModelSourceError: the URL, or one that it leads to, may not be asked.
        """
        async with self._last(_ranged(span, validator), span) as (answer, response):
            yield answer, Body(response)

    @asynccontextmanager
    async def _last(
        self, headers: Mapping[str, str], span: Span | None
    ) -> AsyncGenerator[tuple[Answer, aiohttp.ClientResponse | None]]:
        """Follow redirects by hand: each hop is an address of its own, to be guarded like the first."""
        url = self._offer.url
        for _ in range(self._max_redirects + 1):
            response = await self._get(url, headers)
            if isinstance(response, (Busy, Refused)):
                yield response, None
                return
            try:
                answer = read_answer(response.status, response.headers, span)
                if not isinstance(answer, Moved):
                    yield answer, response
                    return
                url = _next(url, answer.location)
            finally:
                response.close()
        yield Refused(f"it redirects more than {self._max_redirects} times"), None

    async def _get(self, url: str, headers: Mapping[str, str]) -> aiohttp.ClientResponse | Busy | Refused:
        if reason := refusal(url, allow_private=self._allow_private):
            raise ModelSourceError(self.host, f"it leads to {host_of(url)}, but {reason}", _advice(reason))
        own = dict(self._offer.headers) if _is_same_origin(url, self._offer.url) else {}
        try:
            return await self._session.get(url, headers={**own, **headers}, allow_redirects=False)
        except aiohttp.ClientConnectorCertificateError as error:
            return Refused(f"the certificate of {host_of(url)} is not valid: {error.certificate_error}")
        except (aiohttp.InvalidURL, ValueError):
            return Refused(f"it leads to {host_of(url)}, with a URL that cannot be asked for")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if reason := guarded(error):
                raise ModelSourceError(self.host, reason, _advice(reason)) from error
            return Busy(said_of(error), advice=proxy_advice(error))

    @property
    def host(self) -> str:
        """Who is asked first."""
        return host_of(self._offer.url)


def _next(url: str, location: str) -> str:
    """Return where a redirect leads; what is no URL is passed on, to be refused as such."""
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def host_of(url: str) -> str:
    """Return a URL's host, for people; what else is in it may be a login."""
    try:
        return URL(url).host or URL(url).scheme or "nowhere"
    except ValueError:
        return "nowhere"


def _is_same_origin(url: str, first: str) -> bool:
    return URL(url).origin() == URL(first).origin()


def _ranged(span: Span | None, validator: str) -> dict[str, str]:
    if span is None:
        return {}
    return {"Range": span.header} | ({"If-Range": validator} if validator else {})


def _advice(reason: str) -> str:
    return "--allow-private lets addresses of this network be asked." if "public" in reason else ""


def guarded(error: Exception) -> str:
    """Return why a name was not asked though it is known: it stands for an address that may not be."""
    if isinstance(error, aiohttp.ClientConnectorDNSError) and not isinstance(error.os_error, socket.gaierror):
        return str(error.os_error)
    return ""


def said_of(error: Exception) -> str:
    """Return why an answer did not come, without the URL, which may hold a login."""
    match error:
        case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError() | ConnectionResetError():
            return "the connection broke off"
        case aiohttp.SocketTimeoutError() | asyncio.TimeoutError():
            return "nothing came for too long"
        case aiohttp.ClientResponseError():  # its own words have the whole URL
            return "the server answers with what is no HTTP"
        case _:
            return reason_of(error)
