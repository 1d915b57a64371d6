"""What every store of finished files must do; run on each that there is."""

import asyncio
import hashlib
import itertools

import aiohttp
import pytest

from comfy_gen.errors import ArtifactGoneError, EngineUnreachableError, InvalidParameterError
from comfy_gen.storage.bucket_store import PART, BucketStore
from comfy_gen.storage.local import LocalStore
from comfy_gen.storage.store import Stored

KEY = "ab/a-job-a-file.png"
LARGE = bytes(range(256)) * 4096


@pytest.fixture(params=["local", "rclone_bucket", "moto_bucket"])
async def store(request, tmp_path):
    if request.param == "local":
        return await LocalStore.open(tmp_path / "store")
    return await BucketStore.open(request.getfixturevalue(request.param))


async def pieces(*chunks):
    for chunk in chunks:
        yield chunk


async def content(store, *args):
    return b"".join([chunk async for chunk in store.read(*args)])


async def test_what_is_put_can_be_read(store):
    stored = await store.put(KEY, pieces(b"one ", b"", b"two"))
    assert stored == Stored(7, hashlib.sha256(b"one two").hexdigest())
    assert await content(store, KEY) == b"one two"
    assert await store.exists(KEY)


async def test_empty_file_is_a_file(store):
    assert (await store.put(KEY, pieces())).size == 0
    assert await content(store, KEY) == b""


async def test_large_file_comes_in_pieces(store):
    await store.put(KEY, pieces(LARGE))
    found = [chunk async for chunk in store.read(KEY)]
    assert b"".join(found) == LARGE
    assert len(found) > 1


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 1), (5, None), (1000, 600_000), (len(LARGE) - 1, None), (3, 3), (0, len(LARGE) + 9)]
)
async def test_part_of_a_file_can_be_read(store, start, stop):
    await store.put(KEY, pieces(LARGE))
    assert await content(store, KEY, start, stop) == LARGE[start:stop]


@pytest.mark.parametrize("size", [PART - 1, PART, PART + 1, 2 * PART + 5])
async def test_file_of_several_parts_is_whole(store, size):
    content_put = (LARGE * (size // len(LARGE) + 1))[:size]
    offsets = itertools.pairwise([*range(0, size, 700_000), size])
    stored = await store.put(KEY, pieces(*(content_put[start:stop] for start, stop in offsets)))
    assert stored == Stored(size, hashlib.sha256(content_put).hexdigest())
    assert await content(store, KEY) == content_put


async def test_large_file_whose_content_breaks_off_leaves_the_earlier(store):
    async def broken():
        yield bytes(PART + 5)
        raise EngineUnreachableError("http://gpu-1:8188", "broken off")

    await store.put(KEY, pieces(b"whole"))
    with pytest.raises(EngineUnreachableError):
        await store.put(KEY, broken())
    assert await content(store, KEY) == b"whole"


async def test_beyond_the_end_there_is_nothing(store):
    await store.put(KEY, pieces(b"short"))
    assert await content(store, KEY, 100, 200) == b""


async def test_later_file_replaces_the_earlier(store):
    await store.put(KEY, pieces(b"earlier, and longer"))
    await store.put(KEY, pieces(b"later"))
    assert await content(store, KEY) == b"later"


async def test_file_whose_content_breaks_off_leaves_the_earlier(store):
    async def broken():
        yield b"half"
        raise EngineUnreachableError("http://gpu-1:8188", "broken off")

    await store.put(KEY, pieces(b"whole"))
    with pytest.raises(EngineUnreachableError):
        await store.put(KEY, broken())
    assert await content(store, KEY) == b"whole"


async def test_file_whose_storing_is_cancelled_is_not_there(store):
    started = asyncio.Event()

    async def endless():
        yield b"half"
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(store.put(KEY, endless()))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await store.exists(KEY)


async def test_two_that_put_the_same_file_at_a_time_leave_it_whole(store):
    await asyncio.gather(*(store.put(KEY, pieces(b"same ", b"file")) for _ in range(8)))
    assert await content(store, KEY) == b"same file"


async def test_deleted_file_is_gone(store):
    await store.put(KEY, pieces(b"x"))
    await store.delete(KEY)
    assert not await store.exists(KEY)
    with pytest.raises(ArtifactGoneError, match=KEY):
        await content(store, KEY)


async def test_what_is_not_there_cannot_be_read_in_part(store):
    with pytest.raises(ArtifactGoneError):
        await content(store, KEY, 5, 5)
    with pytest.raises(ArtifactGoneError):
        await content(store, KEY, 5, 9)


async def test_deleting_what_is_not_there_is_no_error(store):
    await store.delete(KEY)


async def test_address_if_there_is_one_gives_the_file_to_anybody(store):
    await store.put(KEY, pieces(b"one"))
    url = await store.url(KEY, seconds=60, filename="a.png")
    if url is not None:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert (answer.status, await answer.read()) == (200, b"one")
    assert (url is None) is isinstance(store, LocalStore)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "a/",
        ".parts/x",
        "a/.hidden",
        "a\\b",
        "a\0b",
        "a b",
        "ä",
        "x" * 201,
    ],
)
async def test_key_that_could_lead_elsewhere_is_refused(store, key):
    with pytest.raises(InvalidParameterError, match="storage key"):
        await store.put(key, pieces(b"x"))
    with pytest.raises(InvalidParameterError):
        await content(store, key)
    with pytest.raises(InvalidParameterError):
        await store.exists(key)
    with pytest.raises(InvalidParameterError):
        await store.delete(key)
    with pytest.raises(InvalidParameterError):
        await store.url(key, seconds=60, filename="a.png")
