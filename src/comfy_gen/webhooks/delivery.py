"""Sends webhooks: one attempt of one delivery at a time. When to try again is decided elsewhere."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import aiohttp

from comfy_gen.comfyui.http import reason_of
from comfy_gen.guard import GuardedResolver, refusal
from comfy_gen.webhooks.schedule import failed, given_up, judge
from comfy_gen.webhooks.secret import read_secrets
from comfy_gen.webhooks.signature import Signer

if TYPE_CHECKING:
    from types import TracebackType

    from comfy_gen.webhooks.schedule import Delivery, Result


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How webhooks are sent."""

    timeout: float = 30.0
    """Seconds in which a receiver must have answered."""
    allow_private: bool = False
    """Whether addresses of this machine and its networks may be told: whoever submits a job names the receiver."""
    at_once: int = 32
    """Connections."""
    secret: str = field(default="", repr=False)
    """Signs what is sent, as `webhooks.secret` reads it; empty: nothing is signed."""


class Deliverer:
    """Makes attempts, many at a time, over one pool of connections. Close it, or use it with ``async with``."""

    def __init__(self, options: DeliveryOptions | None = None) -> None:
        """Raises ValueError for a secret that is none."""
        self._options = options or DeliveryOptions()
        secrets = read_secrets(self._options.secret)
        self._signer = Signer(secrets) if secrets else None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def send(self, delivery: Delivery, now: float) -> Result:
        """Make one attempt and return what became of it; only being cancelled raises."""
        if reason := refusal(delivery.url, allow_private=self._options.allow_private):
            return given_up(reason)
        try:
            async with asyncio.timeout(self._options.timeout):
                return await self._post(delivery, now)
        except TimeoutError:
            return failed(delivery, f"no answer within {self._options.timeout:g} s", now=now)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return failed(delivery, reason_of(error), now=now)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, delivery: Delivery, now: float) -> Result:
        headers = headers_of(delivery, now, self._signer)
        # A redirect would lead where nobody looked; what the answer says besides its status is not read at all.
        async with self._opened().post(
            delivery.url, data=delivery.body, headers=headers, allow_redirects=False
        ) as response:
            return judge(delivery, response.status, retry_after=response.headers.get("Retry-After", ""), now=now)

    def _opened(self) -> aiohttp.ClientSession:
        """Return the session; made on first use, for it belongs to the running loop."""
        if self._session is None or self._session.closed:
            resolver = GuardedResolver(allow_private=self._options.allow_private)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=resolver, limit=self._options.at_once),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
            )
        return self._session


def headers_of(delivery: Delivery, now: float, signer: Signer | None = None) -> dict[str, str]:
    """Return what goes out above the body, named as Standard Webhooks names it."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "ComfyGen",
        "webhook-id": delivery.delivery_id,
        "webhook-timestamp": str(int(now)),
    }
    if signer is not None:
        headers["webhook-signature"] = signer.sign(delivery.delivery_id, delivery.body, now=now)
    return headers
