"""How often who may ask: counted in this process, or in Redis for all of them."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import replace
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from limits import RateLimitItem, parse
from limits.errors import StorageError
from starlette.datastructures import MutableHeaders

from comfy_gen.api.windows import Standing, Windows
from comfy_gen.cache.redis import PATIENCE
from comfy_gen.cache.rest import Rest
from comfy_gen.errors import MissingExtraError, RateLimitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from limits.aio.strategies import SlidingWindowCounterRateLimiter
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from comfy_gen.app.caller import Caller
    from comfy_gen.config import CacheOptions, Settings

log = logging.getLogger(__name__)

SMALL = 10
"""So many small pictures as other requests: a gallery shows hundreds at a time, and none of them costs much."""


class Limiter:
    """Counts requests by key, or by address where there is no key."""

    def __init__(
        self,
        rate: str,
        redis: CacheOptions | None = None,
        *,
        clock: Callable[[], float] = time.time,
        rest: Rest | None = None,
    ) -> None:
        """Count in Redis if one is given, and here while it does not answer.

        Raises:
            MissingExtraError: Redis' client is not installed.
        """
        self._rate = rate
        self._clock = clock
        self._rest = rest or Rest()
        self._here = Windows()
        self._shared = None if redis is None else _shared(redis)

    @classmethod
    def of(cls, settings: Settings) -> Limiter:
        """Return the limiter that the settings ask for.

        Raises:
            MissingExtraError: Redis' client is not installed.
        """
        return cls(settings.api.rate, settings.cache if settings.cache.kind == "redis" else None)

    async def hit(self, caller: Caller, peer: str, *, is_small: bool = False) -> Standing:
        """Count a request, and return how the caller stands then. Small pictures are counted by themselves."""
        item = _item(caller.rate or self._rate, SMALL if is_small else 1)
        who = f"key/{caller.key_id}" if caller.key_id else f"peer/{network_of(peer)}"
        who = f"small/{who}" if is_small else who
        if self._shared is not None and not self._rest.is_on:
            try:
                return await _hit(self._shared, item, who, now=self._clock())
            except StorageError as error:
                if self._rest.begin():
                    log.warning("Redis does not answer, and each process counts requests for itself: %s", error)
        standing = self._here.hit(who, item.amount, item.get_expiry(), now=self._clock())
        return replace(standing, rate=str(item))

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._shared is not None:
            client: Any = self._shared.storage
            await client.bridge.get_connection().aclose()


def check(standing: Standing) -> None:
    """Do nothing, if a request was within its limit.

    Raises:
        RateLimitError: it was not.
    """
    if not standing.is_allowed:
        raise RateLimitError(standing.rate, standing.retry_after)


def network_of(peer: str) -> str:
    """Return for whom an address stands: with IPv6 one customer has a whole network of them."""
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


class RateHeaders:
    """ASGI: tells in every answer how the caller stands, once that is known."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the application answer, and add the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def telling(message: Message) -> None:
            standing: Standing | None = scope.get("state", {}).get("standing")
            if message["type"] == "http.response.start" and standing is not None:
                MutableHeaders(scope=message).update(headers_of(standing))
            await send(message)

        await self.app(scope, receive, telling)


def headers_of(standing: Standing) -> dict[str, str]:
    """Return how somebody stands, as headers; times are in seconds from now."""
    told = {"Limit": standing.limit, "Remaining": standing.remaining, "Reset": math.ceil(standing.reset)}
    return {f"X-RateLimit-{name}": str(value) for name, value in told.items()}


@lru_cache(maxsize=256)
def _item(rate: str, times: int) -> RateLimitItem:
    once = parse(rate)
    return type(once)(once.amount * times, once.multiples)


def _shared(address: CacheOptions) -> SlidingWindowCounterRateLimiter:
    # Late: an extra.
    from limits.aio.storage import RedisStorage  # noqa: PLC0415
    from limits.aio.strategies import SlidingWindowCounterRateLimiter  # noqa: PLC0415
    from limits.errors import ConfigurationError  # noqa: PLC0415

    host = f"[{address.host}]" if ":" in address.host else address.host
    options: dict[str, Any] = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    if address.password:
        options["password"] = address.password
    try:
        storage = RedisStorage(
            f"async+redis://{host}:{address.port}/{address.db}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="comfygen:rate",
            **options,
        )
    except ConfigurationError as error:
        raise MissingExtraError("limits in Redis", "redis") from error
    return SlidingWindowCounterRateLimiter(storage)


async def _hit(shared: SlidingWindowCounterRateLimiter, item: RateLimitItem, who: str, *, now: float) -> Standing:
    is_allowed = await shared.hit(item, who)
    stats = await shared.get_window_stats(item, who)
    reset = max(stats.reset_time - now, 0.001)
    return Standing(item.amount, stats.remaining, reset, 0.0 if is_allowed else reset, str(item))
