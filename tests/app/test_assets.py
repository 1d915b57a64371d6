"""Tests of what is kept of assets, in a folder and in a bucket."""

from __future__ import annotations

import asyncio
import io

import pytest
from blake3 import blake3

from comfy_gen.app import assets
from comfy_gen.app.assets import Said
from comfy_gen.app.caller import ALL_SCOPES, Caller
from comfy_gen.errors import HashMismatchError
from comfy_gen.storage.bucket_store import BucketStore
from comfy_gen.storage.local import LocalStore

CONTENT = b"a,b\n1,2\n"
DIGEST = blake3(CONTENT).hexdigest()


@pytest.fixture(params=["local", "rclone_bucket"])
async def store(request, tmp_path):
    if request.param == "local":
        return await LocalStore.open(tmp_path / "store")
    return await BucketStore.open(request.getfixturevalue(request.param))


async def keep(store, owner="ada", content=CONTENT, name="a.csv", **said):
    return await assets.keep(store, owner, io.BytesIO(content), Said(f"input/{name}", name, **said), now=1.0)


async def content_at(store, key):
    return b"".join([chunk async for chunk in store.read(key)])


async def test_what_was_sent_once_is_found_ever_after(store):
    asset, is_new = await keep(store, tags=("x", "y"))
    assert is_new
    assert (asset.digest, asset.size, asset.media_type, asset.tags) == (DIGEST, len(CONTENT), "text/csv", ("x", "y"))
    assert await content_at(store, asset.kept.key) == CONTENT
    ada = Caller("ada", frozenset())
    assert await assets.find(store, ada, asset.asset_id) == asset
    assert await assets.by_digest(store, "ada", DIGEST) == asset
    assert await assets.called(store, "ada", "a.csv") == asset
    assert asset.kept.reference == f"comfygen://{asset.kept.key}"


async def test_what_was_sent_before_stays_as_it_was_said(store):
    first, _ = await keep(store)
    again, is_new = await keep(store, name="b.csv", media_type="text/plain")
    assert (again, is_new) == (first, False)
    assert await assets.called(store, "ada", "b.csv") == first


async def test_owners_share_nothing(store):
    hers, _ = await keep(store)
    his, is_new = await keep(store, "bob")
    assert (is_new, his.asset_id == hers.asset_id, his.kept.key == hers.kept.key) == (True, False, False)
    assert await assets.find(store, Caller("bob", frozenset()), hers.asset_id) is None
    assert await assets.find(store, Caller("root", ALL_SCOPES), hers.asset_id) == hers
    assert await assets.by_digest(store, "eve", DIGEST) is None
    assert await assets.called(store, "eve", "a.csv") is None
    await assets.delete(store, his)
    assert await content_at(store, hers.kept.key) == CONTENT


async def test_what_is_deleted_is_gone_whole(store):
    asset, _ = await keep(store)
    await assets.delete(store, asset)
    await assets.delete(store, asset)
    assert not await store.exists(asset.kept.key)
    assert await assets.by_digest(store, "ada", DIGEST) is None
    assert await assets.called(store, "ada", "a.csv") is None
    assert await assets.find(store, Caller("ada", frozenset()), asset.asset_id) is None


async def test_what_is_not_what_was_declared_is_not_kept(store):
    with pytest.raises(HashMismatchError):
        await keep(store, digest="0" * 64)
    assert await assets.by_digest(store, "ada", DIGEST) is None
    assert (await keep(store, digest=DIGEST))[1]


async def test_what_is_sent_twice_at_once_is_one_asset(store):
    kept = await asyncio.gather(*(keep(store) for _ in range(4)))
    assert {asset.asset_id for asset, _ in kept} == {kept[0][0].asset_id}
    assert await content_at(store, kept[0][0].kept.key) == CONTENT
