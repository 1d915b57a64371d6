"""The cache in Redis, where Redis is not what it should be."""

from __future__ import annotations

import asyncio
import logging
import sys

import pytest

from comfy_gen.cache.redis import RedisCache
from comfy_gen.cache.rest import PAUSE, Rest
from comfy_gen.errors import MissingExtraError
from tests.ports import free_port
from tests.redis import own_redis

__all__ = ["own_redis"]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_lost_redis_loses_what_was_cached_and_nothing_else(own_redis, caplog):
    clock = Clock()
    cache = RedisCache("127.0.0.1", own_redis.port, rest=Rest(clock=clock))
    await cache.put("a", b"one", 60)
    own_redis.stop()
    assert await cache.get("a") is None
    await cache.put("a", b"two", 60)
    await cache.drop("a")
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    own_redis.start()
    clock.now += PAUSE
    await cache.put("a", b"three", 60)
    assert await cache.get("a") == b"three"
    await cache.close()


async def test_redis_that_was_restarted_between_two_questions_is_not_missed(own_redis, caplog):
    cache = RedisCache("127.0.0.1", own_redis.port)
    await cache.put("a", b"one", 60)
    own_redis.stop()
    own_redis.start()
    await cache.put("a", b"two", 60)
    assert await cache.get("a") == b"two"
    assert not caplog.records
    await cache.close()


async def test_redis_that_is_not_there_is_asked_once_and_left_alone(caplog):
    cache = RedisCache("127.0.0.1", free_port(), rest=Rest(clock=Clock()))
    assert [await cache.get("a") for _ in range(3)] == [None, None, None]
    assert len(caplog.records) == 1
    await cache.close()


async def test_redis_that_says_nothing_is_not_waited_for():
    async def listen(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    cache = RedisCache("127.0.0.1", server.sockets[0].getsockname()[1], patience=0.05)
    async with asyncio.timeout(5):
        assert await cache.get("a") is None
    await cache.close()
    server.close()
    await server.wait_closed()


async def test_more_questions_at_once_than_connections_are_answered(own_redis):
    cache = RedisCache("127.0.0.1", own_redis.port)
    await cache.put("a", b"one", 60)
    assert set(await asyncio.gather(*(cache.get("a") for _ in range(200)))) == {b"one"}
    await cache.close()


def test_missing_client_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(MissingExtraError, match="redis"):
        RedisCache()


async def test_wrong_password_is_a_warning_without_the_password(own_redis, caplog):
    own_redis.ask("CONFIG SET requirepass another")
    cache = RedisCache("127.0.0.1", own_redis.port, password="hunter2")
    assert await cache.get("a") is None
    assert "hunter2" not in caplog.text
    assert len(caplog.records) == 1
    await cache.close()
