"""A cache in Redis, which several processes and machines share. Needs the extra ``redis``.

A Redis that is slow, full or gone costs a moment now and then, and nothing else: what is not found is made again.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar

from comfy_gen.cache.rest import Rest
from comfy_gen.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from redis.asyncio import Redis

T = TypeVar("T")

log = logging.getLogger(__name__)

PATIENCE = 0.5
"""Seconds for an answer."""
CONNECTIONS = 32
_PREFIX = "comfygen:"


class RedisCache:
    """A `Cache` in Redis."""

    def __init__(
        self,
        host: str = "localhost",
        port: int = 6379,
        db: int = 0,
        password: str = "",
        *,
        patience: float = PATIENCE,
        rest: Rest | None = None,
    ) -> None:
        """Connect once something is asked for.

        Raises:
            MissingExtraError: the client is not installed.
        """
        self._name = f"{host}:{port}"
        self._rest = rest or Rest()
        self._client, self._troubles = _connect(patience, host=host, port=port, db=db, password=password or None)

    async def get(self, key: str) -> bytes | None:
        """See `Cache.get`."""
        found = await self._try(lambda: self._client.get(_PREFIX + key))
        return found if isinstance(found, bytes) else None

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """See `Cache.put`."""
        milliseconds = int(seconds * 1000)
        if milliseconds <= 0:
            return await self.drop(key)
        await self._try(lambda: self._client.set(_PREFIX + key, value, px=milliseconds))
        return None

    async def drop(self, key: str) -> None:
        """See `Cache.drop`."""
        await self._try(lambda: self._client.delete(_PREFIX + key))

    async def close(self) -> None:
        """See `Cache.close`."""
        try:
            await self._client.aclose()
        except self._troubles:
            log.debug("Redis at %s: not closed in good order", self._name)

    async def _try(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        if self._rest.is_on:
            return None
        try:
            return await ask()
        except self._troubles as error:
            if self._rest.begin():
                log.warning("Redis at %s does not answer, and nothing is cached meanwhile: %s", self._name, error)
            return None


def _connect(patience: float, **address: Any) -> tuple[Redis, tuple[type[Exception], ...]]:
    try:
        from redis.asyncio import BlockingConnectionPool, Redis  # noqa: PLC0415  # an extra
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.exceptions import ConnectionError, RedisError  # noqa: A004, PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtraError("a cache in Redis", "redis") from error
    options: dict[str, Any] = {
        **address,
        "socket_timeout": patience,
        "socket_connect_timeout": patience,
        "retry": Retry(NoBackoff(), 1, (ConnectionError,)),  # once: a connection that idled may have been closed
    }
    pool = BlockingConnectionPool(max_connections=CONNECTIONS, timeout=PATIENCE, **options)
    return Redis.from_pool(pool), (RedisError, OSError)
