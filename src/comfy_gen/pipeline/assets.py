"""Fetches pictures from URLs that somebody else chose, with bounds on where, what and how much."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import urljoin

import aiohttp

from comfy_gen.comfyui.http import reason_of
from comfy_gen.errors import AssetFetchError
from comfy_gen.guard import GuardedResolver, refusal

REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """The bounds of a fetch."""

    max_bytes: int = 50 * 1024 * 1024
    timeout: float = 60.0
    """Seconds for the whole of it, redirects included."""
    max_redirects: int = 5
    allow_private: bool = False
    """Whether addresses of this machine and its networks may be fetched: yes for a person at the command line, whose
    network it is; no for a service, which would lend its place in the network to whoever asks."""


def is_url(text: str) -> bool:
    """Tell whether a source is to be fetched rather than read."""
    return re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE) is not None


async def fetch(url: str, options: FetchOptions | None = None) -> bytes:
    """Return what lies at a URL.

    Raises:
        AssetFetchError: the address is not allowed, nothing answers, or the answer is too large or an error.
    """
    bounds = options or FetchOptions()
    connector = aiohttp.TCPConnector(resolver=GuardedResolver(allow_private=bounds.allow_private))
    try:
        async with (
            asyncio.timeout(bounds.timeout),
            aiohttp.ClientSession(connector=connector, trust_env=False) as session,
        ):
            return await _follow(session, url, bounds)
    except TimeoutError as error:
        raise AssetFetchError(url, f"it took more than {bounds.timeout:g} s") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise AssetFetchError(url, reason_of(error)) from error


async def _follow(session: aiohttp.ClientSession, url: str, bounds: FetchOptions) -> bytes:
    """Follow redirects by hand: each hop is an address of its own, to be guarded like the first."""
    current = url
    for _ in range(bounds.max_redirects + 1):
        if reason := refusal(current, allow_private=bounds.allow_private):
            raise AssetFetchError(url, reason)
        async with session.get(current, allow_redirects=False) as response:
            if response.status not in REDIRECTS:
                return await _read(response, url, bounds)
            current = urljoin(current, response.headers.get("Location", ""))
    raise AssetFetchError(url, f"it redirects more than {bounds.max_redirects} times")


async def _read(response: aiohttp.ClientResponse, url: str, bounds: FetchOptions) -> bytes:
    if response.status != 200:
        raise AssetFetchError(url, f"the server answers with status {response.status}")
    content = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > bounds.max_bytes:  # counted, for a length header may lie or be absent
            raise AssetFetchError(url, f"it is larger than {bounds.max_bytes // 2**20} MiB")
    return bytes(content)
