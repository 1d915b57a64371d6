import asyncio
import socket
from dataclasses import replace

import aiohttp
import pytest

from comfy_gen.errors import StorageError
from comfy_gen.storage.boto import connect
from comfy_gen.storage.bucket_store import LONGEST_LINK, PART, BucketStore

KEY = "ab/a-job-a-file.png"


async def pieces(*chunks):
    for chunk in chunks:
        yield chunk


@pytest.fixture
async def store(moto_bucket):
    return await BucketStore.open(moto_bucket)


@pytest.fixture
def client(moto_bucket):
    return connect(moto_bucket).client


async def fetch(url):
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer, await answer.read()


async def test_bucket_that_is_made_is_private(store, client, moto_bucket):
    grants = client.get_bucket_acl(Bucket=moto_bucket.name)["Grants"]
    assert [one["Permission"] for one in grants] == ["FULL_CONTROL"]
    with pytest.raises(client.exceptions.ClientError, match="NoSuchBucketPolicy"):
        client.get_bucket_policy(Bucket=moto_bucket.name)


async def test_bucket_that_exists_is_left_as_it_is(client, moto_bucket):
    client.create_bucket(Bucket=moto_bucket.name)
    client.put_object(Bucket=moto_bucket.name, Key=KEY, Body=b"theirs")
    store = await BucketStore.open(moto_bucket)
    assert b"".join([chunk async for chunk in store.read(KEY)]) == b"theirs"


async def test_bucket_of_another_region_is_made_there(client, moto_bucket):
    await BucketStore.open(replace(moto_bucket, region="eu-west-1"))
    assert client.get_bucket_location(Bucket=moto_bucket.name)["LocationConstraint"] == "eu-west-1"


async def test_several_that_make_it_at_a_time_all_have_it(moto_bucket):
    stores = await asyncio.gather(*(BucketStore.open(moto_bucket) for _ in range(4)))
    await asyncio.gather(*(one.put(KEY, pieces(b"x")) for one in stores))


async def test_link_gives_the_file_to_anybody_for_a_while(store):
    await store.put(KEY, pieces(b"a fox"))
    answer, content = await fetch(await store.url(KEY, seconds=60, filename='fox";x.png'))
    assert (answer.status, content) == (200, b"a fox")
    assert answer.content_type == "image/png"
    assert answer.headers["Content-Disposition"].startswith('inline; filename="fox__x.png"')


@pytest.mark.parametrize(("seconds", "expires"), [(60, 60), (0, 1), (365 * 86_400, LONGEST_LINK)])
async def test_link_is_good_for_as_long_as_servers_take(store, seconds, expires):
    url = await store.url(KEY, seconds=seconds, filename="a.png")
    assert f"X-Amz-Expires={expires}&" in url
    assert store.options.secret_key not in url


async def test_link_begins_with_what_readers_reach_the_server_by(moto_bucket):
    store = await BucketStore.open(replace(moto_bucket, public_url="https://files.example.com"))
    url = await store.url(KEY, seconds=60, filename="a.png")
    assert url.startswith(f"https://files.example.com/{moto_bucket.name}/{KEY}?")


async def test_upload_that_breaks_off_leaves_no_parts_behind(store, client, moto_bucket):
    async def broken():
        yield bytes(PART + 1)
        raise StorageError("x", "broken off")

    with pytest.raises(StorageError, match="broken off"):
        await store.put(KEY, broken())
    await asyncio.to_thread(store._threads.shutdown)
    assert "Uploads" not in client.list_multipart_uploads(Bucket=moto_bucket.name)


async def test_upload_that_is_cancelled_leaves_no_parts_behind(store, client, moto_bucket):
    started = asyncio.Event()

    async def endless():
        yield bytes(PART + 1)
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(store.put(KEY, endless()))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(store._threads.shutdown)
    assert "Uploads" not in client.list_multipart_uploads(Bucket=moto_bucket.name)


async def test_file_is_stored_under_its_media_type(store, client, moto_bucket):
    await store.put(KEY, pieces(b"x"))
    await store.put("ab/large.mp4", pieces(bytes(PART + 1)))
    await store.put("ab/whatever", pieces(b"x"))
    kinds = [
        client.head_object(Bucket=moto_bucket.name, Key=key)["ContentType"]
        for key in (KEY, "ab/large.mp4", "ab/whatever")
    ]
    assert kinds == ["image/png", "video/mp4", "application/octet-stream"]


@pytest.mark.parametrize("change", [{"secret_key": "another"}, {"access_key": "another"}])
async def test_login_that_is_wrong_is_refused_and_not_told(rclone_bucket, change):
    options = replace(rclone_bucket, **change)
    store = BucketStore(options)
    with pytest.raises(StorageError) as caught:
        await store.put(KEY, pieces(b"x"))
    assert caught.value.is_refused
    assert "login" in caught.value.hint
    assert options.secret_key not in f"{caught.value}{caught.value!r}"


async def test_missing_bucket_is_refused(rclone_bucket):
    store = BucketStore(rclone_bucket)
    with pytest.raises(StorageError, match="NoSuchBucket") as caught:
        await store.put(KEY, pieces(b"x"))
    assert caught.value.is_refused


async def test_bucket_that_may_not_be_looked_at_is_opened_with_a_warning(rclone_bucket, caplog):
    await BucketStore.open(replace(rclone_bucket, secret_key="another"))
    assert "may not be looked at (403)" in caplog.text


async def test_server_that_is_away_is_trouble_and_no_refusal(moto_bucket):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        store = BucketStore(replace(moto_bucket, endpoint_url=f"http://127.0.0.1:{free.getsockname()[1]}"))
        with pytest.raises(StorageError, match="Could not connect") as caught:
            await store.put(KEY, pieces(b"x"))
    assert not caught.value.is_refused
    assert "can be reached" in caught.value.hint


def test_endpoint_that_is_no_url_is_told(moto_bucket):
    with pytest.raises(StorageError, match="endpoint"):
        BucketStore(replace(moto_bucket, endpoint_url="nonsense"))
