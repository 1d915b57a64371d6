"""Tells whether an MLflow server answers, without its client, which takes seconds to load."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from comfy_gen.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 1.0
REMEMBERED = 5.0
"""Seconds for which an answer holds."""


class Probe:
    """Asks one server how it is, and remembers for a while."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.address = address_of(url)
        self._clock = clock
        self._asked: tuple[float, bool] | None = None
        self._asking = asyncio.Lock()

    async def is_well(self) -> bool:
        """Tell whether the server answers, or did a moment ago."""
        async with self._asking:
            if self._asked is None or self._clock() - self._asked[0] >= REMEMBERED:
                answer = await self._ask()
                self._asked = (self._clock(), answer)
            return self._asked[1]

    async def _ask(self) -> bool:
        """Ask for what MLflow gives to everybody, whether it wants a login or not."""
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
                session.get(f"{self.address}/health") as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False


def check_address(url: str) -> None:
    """Do nothing, if this can be the address of a server.

    Raises:
        InvalidParameterError: it is of no server, as are the folders that MLflow takes too; no login is repeated.
    """
    try:
        parts = urlsplit(url)
        is_server = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        is_cut = "@" in parts.path + parts.query + parts.fragment  # a login in which one of /?# stands as it is
    except ValueError:
        is_server = is_cut = False
    if not is_server or is_cut or " " in url or not url.isprintable():
        expected = "the address of a server, as http://HOST:PORT; a login's characters are escaped, as %2F for /"
        raise InvalidParameterError("MLFLOW_TRACKING_URI", f"{url.partition(':')[0][:20]}:…", expected)


def address_of(url: str) -> str:
    """Return the address of a server without its login."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
