import asyncio
import errno
import os
import threading
from pathlib import Path

import anyio
import pytest

from comfy_gen.errors import StorageError
from comfy_gen.storage import local
from comfy_gen.storage.local import LEFTOVER_AGE, LocalStore


async def pieces(*chunks):
    for chunk in chunks:
        yield chunk


@pytest.fixture
async def store(tmp_path):
    return await LocalStore.open(tmp_path / "store")


@pytest.fixture
def parts(tmp_path):
    return tmp_path / "store" / ".parts"


async def test_file_lies_where_its_path_says(store, tmp_path):
    await store.put("ab/x.png", pieces(b"x"))
    assert store.path("ab/x.png") == tmp_path / "store" / "ab" / "x.png"
    assert store.path("ab/x.png").read_bytes() == b"x"


async def test_nothing_is_left_of_what_broke_off(store, parts):
    async def broken():
        yield b"half"
        raise RuntimeError("gone")

    with pytest.raises(RuntimeError, match="gone"):
        await store.put("ab/x.png", broken())
    assert os.listdir(parts) == []


async def test_nothing_is_left_when_the_disk_is_full(store, parts, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    (parts.parent / "ab").mkdir()
    with pytest.raises(StorageError, match=r"could not store ab/x\.png: No space left on device") as caught:
        await store.put("ab/x.png", pieces(b"x"))
    assert str(parts.parent) in caught.value.hint
    assert os.listdir(parts) == []
    assert not await store.exists("ab/x.png")


async def test_file_and_every_new_folder_are_made_to_last(store, parts, monkeypatch):
    synced = []
    monkeypatch.setattr(local, "sync_folder", lambda folder: synced.append(folder.name))
    await store.put("ab/cd/x.png", pieces(b"x"))
    await store.put("ab/cd/y.png", pieces(b"y"))
    assert synced == ["store", "ab"]


async def test_being_cancelled_while_it_is_opened_leaves_nothing(store, parts, monkeypatch):
    entered, may_go_on = threading.Event(), threading.Event()

    def slow(*args, **kwargs):
        entered.set()
        may_go_on.wait(10)
        return replacing(*args, **kwargs)

    replacing = local.replacing
    monkeypatch.setattr(local, "replacing", slow)
    monkeypatch.setattr(local, "SMALL", 0)
    task = asyncio.create_task(store.put("ab/x.png", pieces(b"x")))
    await asyncio.to_thread(entered.wait, 10)
    task.cancel()
    await asyncio.sleep(0)
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert os.listdir(parts) == []
    assert not await store.exists("ab/x.png")


async def test_file_is_closed_where_who_reads_it_is_cancelled_at_each_await(store, monkeypatch):
    files = []
    opening = Path.open
    monkeypatch.setattr(Path, "open", lambda path, mode: files.append(opening(path, mode)) or files[-1])
    await store.put("ab/x.png", pieces(b"x"))
    with anyio.CancelScope() as scope:
        async for _ in store.read("ab/x.png"):
            scope.cancel()
    assert scope.cancelled_caught
    async with asyncio.timeout(10):
        while not files[-1].closed:
            await asyncio.sleep(0)


async def test_opening_sweeps_out_what_nobody_writes_any_more(store, parts):
    for name, age in (("old", LEFTOVER_AGE + 1), ("new", LEFTOVER_AGE - 1)):
        (parts / name).write_bytes(b"half")
        os.utime(parts / name, (1_000_000 - age, 1_000_000 - age))
    await store.put("ab/x.png", pieces(b"x"))
    again = await LocalStore.open(parts.parent, now=1_000_000)
    assert os.listdir(parts) == ["new"]
    assert await again.exists("ab/x.png")


async def test_folder_that_cannot_be_made_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="Not a directory"):
        await LocalStore.open(tmp_path / "file" / "store")


async def test_what_is_no_file_can_be_neither_read_nor_deleted(store, parts):
    (parts.parent / "ab").mkdir()
    with pytest.raises(StorageError, match="could not read ab"):
        await anext(store.read("ab"))
    with pytest.raises(StorageError, match="could not delete ab"):
        await store.delete("ab")
    assert not await store.exists("ab")
