"""Any address as a source of models: what its server says of the file before it sends it.

The file itself is asked for, by its first byte, and not read: many servers answer HEAD otherwise than GET, or not at
all.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

import aiohttp

from comfy_gen.errors import ModelSourceError
from comfy_gen.guard import GuardedResolver, refusal
from comfy_gen.models.hops import guarded, said_of
from comfy_gen.models.model import Model, Offer
from comfy_gen.models.names import family_said, folder_in, is_weights, plain_name
from comfy_gen.models.proxies import proxy_advice

if TYPE_CHECKING:
    from comfy_gen.models.reference import WebFile
    from comfy_gen.models.sources.source import Found

TIMEOUT = 30.0
"""Seconds for an answer, redirects included."""
MAX_REDIRECTS = 5
_PRIVATE = "--allow-private allows your own network."
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_RANGE = re.compile(r"bytes 0-0/(\d{1,18})")


class WebSource:
    """Whatever lies at an address; nothing there tells a hash or a licence."""

    def __init__(self, *, allow_private: bool = False) -> None:
        self._allow_private = allow_private

    async def find(self, reference: WebFile) -> Offer:
        """Return the file at an address, with the name and the size that its server tells.

        Raises:
            ModelSourceError: the address is not asked, does not answer, or has no file.
        """
        connector = aiohttp.TCPConnector(resolver=GuardedResolver(allow_private=self._allow_private))
        host = urlsplit(reference.url).hostname or reference.url
        try:
            async with (
                asyncio.timeout(TIMEOUT),
                aiohttp.ClientSession(connector=connector, trust_env=False) as session,
            ):
                return await self._follow(session, reference.url, host)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if reason := guarded(error):
                raise ModelSourceError(host, f"it is not asked: {reason}", _PRIVATE) from error
            advice = f"see whether the address is right. {proxy_advice(error)}".rstrip()
            raise ModelSourceError(host, said_of(error), advice) from error

    async def search(self, text: str, *, folder: str = "", limit: int = 20) -> list[Found]:  # noqa: ARG002  # a source's own verb
        """Return nothing: nobody has a list of all addresses."""
        return []

    async def _follow(self, session: aiohttp.ClientSession, url: str, host: str) -> Offer:
        current = url
        for _ in range(MAX_REDIRECTS + 1):
            if reason := refusal(current, allow_private=self._allow_private):
                raise ModelSourceError(host, f"it is not asked: {reason}", _PRIVATE)
            async with session.get(
                current, headers={"Range": "bytes=0-0", "Accept-Encoding": "identity"}, allow_redirects=False
            ) as response:
                if response.status not in _REDIRECTS:
                    return _offer(url, current, response, host)
                current = urljoin(current, response.headers.get("Location", ""))
        raise ModelSourceError(host, f"it redirects more than {MAX_REDIRECTS} times")


def _offer(url: str, last: str, response: aiohttp.ClientResponse, host: str) -> Offer:
    if response.status not in (200, 206):
        raise ModelSourceError(host, f"it answers with status {response.status}", "see whether the address is right.")
    if response.content_type == "text/html":
        raise ModelSourceError(host, "it has a page there, not a file", "give the address of the file itself.")
    name = _name(response, url, last)
    if not name:
        raise ModelSourceError(host, "it does not say what the file is called", "give it a name with --as.")
    path = urlsplit(url).path
    model = Model(
        file=name,
        folder=folder_in(path),
        source=url,
        size=_size(response),
        base=family_said([name]),
        page=f"{urlsplit(url).scheme}://{host}",
    )
    return Offer(model=model, url=url)


def _name(response: aiohttp.ClientResponse, url: str, last: str) -> str:
    """Return the file's name: the first of those it is given that looks like one of weights, or else the first."""
    said = response.content_disposition.filename if response.content_disposition else ""
    addresses = (unquote(urlsplit(address).path) for address in (url, last))
    names = [name for text in (said or "", *addresses) if (name := plain_name(text))]
    return next((name for name in names if is_weights(name)), names[0] if names else "")


def _size(response: aiohttp.ClientResponse) -> int | None:
    if response.status == 206:
        told = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        return int(told[1]) if told else None
    return response.content_length
