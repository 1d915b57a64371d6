"""Tests of outputs that other jobs work on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comfy_gen.app.outputs import copied
from comfy_gen.errors import ArtifactGoneError
from comfy_gen.pipeline.artifact import Artifact
from comfy_gen.storage.local import LocalStore

TABLE = Artifact(
    artifact_id="5a1c0b0e-2b3e-5f56-8a7b-1c2d3e4f5a6b",
    job_id="9f8a1c0d-2b3e-4f56-8a7b-1c2d3e4f5a6b",
    node_id="1",
    kind="text",
    filename="table.csv",
    media_type="text/csv",
    size=3,
    sha256="12",
    width=None,
    height=None,
    key="9f/table.csv",
    thumbnail_key=None,
)


async def once(content):
    yield content


@pytest.fixture
async def store(tmp_path):
    found = await LocalStore.open(tmp_path)
    await found.put(TABLE.key, once(b"a,b"))
    return found


async def content_at(store, key):
    return b"".join([chunk async for chunk in store.read(key)])


async def test_output_is_copied_once(store):
    copy = await copied(store, TABLE, "ada")
    assert copy.fault == ""
    assert copy.kept.reference == f"comfygen://{copy.kept.key}"
    await store.delete(TABLE.key)
    assert await copied(store, TABLE, "ada") == copy
    assert await content_at(store, copy.kept.key) == b"a,b"


async def test_copy_that_was_deleted_is_made_again(store):
    copy = await copied(store, TABLE, "ada")
    await store.delete(copy.kept.key)
    assert await copied(store, TABLE, "ada") == copy
    assert await content_at(store, copy.kept.key) == b"a,b"


async def test_output_that_was_made_afresh_is_another_one(store):
    await copied(store, TABLE, "ada")
    await store.put(TABLE.key, once(b"c,d"))
    afresh = replace(TABLE, sha256="34")
    assert await content_at(store, (await copied(store, afresh, "ada")).kept.key) == b"c,d"


async def test_output_that_is_gone_is_not_copied(store):
    await store.delete(TABLE.key)
    with pytest.raises(ArtifactGoneError):
        await copied(store, TABLE, "ada")
