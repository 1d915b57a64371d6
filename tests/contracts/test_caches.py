"""What every cache does, in memory and in a real Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comfy_gen.cache.memory import MemoryCache
from comfy_gen.cache.redis import RedisCache
from tests.redis import _redis_to_share, redis_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from comfy_gen.cache.cache import Cache

__all__ = ["_redis_to_share", "redis_server"]


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    if request.param == "memory":
        opened: Cache = MemoryCache()
    else:
        opened = RedisCache("127.0.0.1", request.getfixturevalue("redis_server").port)
    yield opened
    await opened.close()


async def test_what_was_put_is_found(cache: Cache):
    await cache.put("a", b"\0one\xff", 60)
    assert await cache.get("a") == b"\0one\xff"


async def test_what_was_never_put_is_not_found(cache: Cache):
    assert await cache.get("a") is None


async def test_later_value_takes_the_place_of_the_earlier(cache: Cache):
    await cache.put("a", b"one", 60)
    await cache.put("a", b"two", 60)
    assert await cache.get("a") == b"two"


async def test_nothing_at_all_is_a_value(cache: Cache):
    await cache.put("a", b"", 60)
    assert await cache.get("a") == b""


async def test_dropped_value_is_gone_and_the_others_are_not(cache: Cache):
    await cache.put("a", b"one", 60)
    await cache.put("b", b"two", 60)
    await cache.drop("a")
    assert (await cache.get("a"), await cache.get("b")) == (None, b"two")


async def test_dropping_what_is_not_there_is_nothing(cache: Cache):
    await cache.drop("a")
    assert await cache.get("a") is None


@pytest.mark.parametrize("seconds", [0, -1, 0.0001])
async def test_what_expires_at_once_is_not_kept_nor_what_was_before(cache: Cache, seconds):
    await cache.put("a", b"one", 60)
    await cache.put("a", b"two", seconds)
    assert await cache.get("a") != b"one"


async def test_keys_of_all_kinds_are_told_apart(cache: Cache):
    keys = ["", "a", "a:b", "a b\r\nDEL a", "ü", "x" * 500]
    for number, key in enumerate(keys):
        await cache.put(key, str(number).encode(), 60)
    assert [await cache.get(key) for key in keys] == [b"0", b"1", b"2", b"3", b"4", b"5"]
