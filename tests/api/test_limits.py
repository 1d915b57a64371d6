"""Limits of requests: in this process, and in a real Redis."""

from __future__ import annotations

import logging

import httpx
import pytest

from comfy_gen.api.limits import SMALL, Limiter, RateHeaders, check, headers_of, network_of
from comfy_gen.api.windows import Standing
from comfy_gen.app.caller import Caller
from comfy_gen.cache.rest import PAUSE, Rest
from comfy_gen.config import ApiOptions, CacheOptions, Settings
from comfy_gen.errors import RateLimitError
from tests.ports import free_port
from tests.redis import _redis_to_share, own_redis, redis_server

__all__ = ["_redis_to_share", "own_redis", "redis_server"]

ANNA = Caller("anna", frozenset(), "abcdefgh")
NOBODY = Caller("", frozenset())
REMOTE = "203.0.113.7"


def redis_at(port):
    return CacheOptions("redis", "127.0.0.1", port)


@pytest.fixture(params=["memory", "redis"])
async def limiter(request):
    options = None if request.param == "memory" else redis_at(request.getfixturevalue("redis_server").port)
    opened = Limiter("3/hour", options)
    yield opened
    await opened.close()


async def test_requests_above_the_limit_are_refused(limiter):
    standings = [await limiter.hit(ANNA, REMOTE) for _ in range(5)]
    assert [one.is_allowed for one in standings] == [True, True, True, False, False]
    assert [one.remaining for one in standings] == [2, 1, 0, 0, 0]
    assert 0 < standings[-1].retry_after < 2 * 3600
    assert standings[0].rate == "3 per 1 hour"


async def test_key_is_counted_wherever_it_is_used(limiter):
    for peer in ("203.0.113.1", "203.0.113.2", "203.0.113.3"):
        await limiter.hit(ANNA, peer)
    assert not (await limiter.hit(ANNA, "203.0.113.4")).is_allowed


async def test_without_a_key_the_address_counts(limiter):
    for _ in range(3):
        await limiter.hit(NOBODY, REMOTE)
    assert not (await limiter.hit(NOBODY, REMOTE)).is_allowed
    assert (await limiter.hit(NOBODY, "203.0.113.8")).is_allowed
    assert (await limiter.hit(ANNA, REMOTE)).is_allowed


async def test_own_rate_of_a_key_goes_before_that_of_the_settings(limiter):
    slow = Caller("bob", frozenset(), "bbbbbbbb", rate="1/day")
    assert (await limiter.hit(slow, REMOTE)).is_allowed
    assert not (await limiter.hit(slow, REMOTE)).is_allowed


async def test_small_pictures_are_counted_by_themselves_and_there_may_be_more(limiter):
    for _ in range(3 * SMALL):
        assert (await limiter.hit(ANNA, REMOTE, is_small=True)).is_allowed
    assert not (await limiter.hit(ANNA, REMOTE, is_small=True)).is_allowed
    assert (await limiter.hit(ANNA, REMOTE)).is_allowed


async def test_processes_count_together_in_redis(redis_server):
    one, other = (Limiter("3/hour", redis_at(redis_server.port)) for _ in range(2))
    standings = [await limiter.hit(ANNA, REMOTE) for limiter in (one, other, one, other)]
    assert [standing.is_allowed for standing in standings] == [True, True, True, False]
    await one.close()
    await other.close()


async def test_lost_redis_leaves_each_process_to_count_for_itself(own_redis, caplog):
    now = [0.0]
    limiter = Limiter("3/hour", redis_at(own_redis.port), rest=Rest(clock=lambda: now[0]))
    for _ in range(3):
        await limiter.hit(ANNA, REMOTE)
    own_redis.stop()
    assert [(await limiter.hit(ANNA, REMOTE)).is_allowed for _ in range(4)] == [True, True, True, False]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    own_redis.start()
    now[0] += PAUSE
    assert (await limiter.hit(ANNA, REMOTE)).remaining == 2
    await limiter.close()


async def test_redis_that_was_never_there_is_no_error():
    limiter = Limiter("1/hour", redis_at(free_port()))
    assert [(await limiter.hit(ANNA, REMOTE)).is_allowed for _ in range(2)] == [True, False]
    await limiter.close()


async def test_settings_say_how_often_and_where_it_is_counted():
    settings = Settings(api=ApiOptions(rate="1/hour"))
    limiter = Limiter.of(settings)
    assert [(await limiter.hit(ANNA, REMOTE)).is_allowed for _ in range(2)] == [True, False]
    shared = Limiter.of(Settings(cache=redis_at(free_port())))
    assert shared._shared is not None
    await shared.close()


def test_refused_request_says_how_long_to_wait():
    check(Standing(3, 0, 5.0))
    with pytest.raises(RateLimitError) as caught:
        check(Standing(3, 0, 5.0, 2.5, "3 per 1 hour"))
    assert (caught.value.limit, caught.value.retry_after) == ("3 per 1 hour", 2.5)


@pytest.mark.parametrize(
    ("peer", "whom"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_address_stands_for_who_has_it(peer, whom):
    assert network_of(peer) == whom


async def test_standing_is_told_in_the_headers():
    async def app(scope, receive, send):
        if scope["path"] == "/known":
            scope.setdefault("state", {})["standing"] = Standing(10, 9, 12.3)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(RateHeaders(app)), base_url="http://here") as client:
        told = (await client.get("/known")).headers
        assert [told[f"x-ratelimit-{name}"] for name in ("limit", "remaining", "reset")] == ["10", "9", "13"]
        assert not (await client.get("/")).headers
    assert headers_of(Standing(1, 0, 0.2))["X-RateLimit-Reset"] == "1"
