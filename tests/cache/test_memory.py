"""The cache in memory: how much it holds, and for how long."""

from __future__ import annotations

from comfy_gen.cache.memory import MemoryCache


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_value_expires_after_its_time():
    clock = Clock()
    cache = MemoryCache(clock=clock)
    await cache.put("a", b"one", 10)
    clock.now += 9.9
    assert await cache.get("a") == b"one"
    clock.now += 0.1
    assert await cache.get("a") is None


async def test_what_was_used_longest_ago_makes_room():
    cache = MemoryCache(3 * 1_300)
    for key in "abc":
        await cache.put(key, bytes(1_000), 60)
    await cache.get("a")
    await cache.put("d", bytes(1_000), 60)
    assert [key for key in "abcd" if await cache.get(key)] == ["a", "c", "d"]


async def test_what_is_larger_than_the_cache_is_not_kept_and_drives_nothing_out():
    cache = MemoryCache(5_000)
    await cache.put("a", b"one", 60)
    await cache.put("b", bytes(5_000), 60)
    assert (await cache.get("a"), await cache.get("b")) == (b"one", None)


async def test_replacing_and_dropping_leave_their_room_to_others():
    cache = MemoryCache(3_000)
    for _ in range(10):
        await cache.put("a", bytes(1_000), 60)
    await cache.put("b", bytes(1_000), 60)
    assert await cache.get("a") == bytes(1_000)
    await cache.drop("a")
    await cache.put("c", bytes(1_000), 60)
    assert [key for key in "abc" if await cache.get(key)] == ["b", "c"]


async def test_closed_cache_holds_nothing():
    cache = MemoryCache()
    await cache.put("a", b"one", 60)
    await cache.close()
    assert await cache.get("a") is None
