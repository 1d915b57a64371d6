"""Uploads have one bound for all of them together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comfy_gen.app.room import FRESH, Room, room_for_uploads
from comfy_gen.config import ApiOptions, JobOptions, Settings
from comfy_gen.errors import UploadsFullError
from comfy_gen.storage.stored_file import StoredFile


class Shelf:
    """What lies there, and how often somebody looked."""

    def __init__(self, *sizes: int) -> None:
        self.sizes, self.looks, self.now = [*sizes], 0, 1_000.0

    def files(self):
        self.looks += 1
        return [StoredFile(str(number), size, 0.0) for number, size in enumerate(self.sizes)]

    def room(self, limit: int | None) -> Room:
        return Room(limit, self.files, clock=lambda: self.now)


async def test_what_does_not_fit_beside_the_others_is_refused():
    shelf = Shelf(40, 20)
    room = shelf.room(100)
    await room.take(40)
    with pytest.raises(UploadsFullError, match="of 1 bytes: 0 of 100 are left") as caught:
        await room.take(1)
    assert (caught.value.size, caught.value.used, caught.value.limit) == (1, 100, 100)


async def test_smaller_one_is_taken_after_one_that_was_too_large():
    room = Shelf(90).room(100)
    with pytest.raises(UploadsFullError):
        await room.take(11)
    await room.take(10)


async def test_all_is_summed_up_seldom_and_what_was_deleted_is_room_again():
    shelf = Shelf(60)
    room = shelf.room(100)
    for _ in range(4):
        await room.take(10)
    assert shelf.looks == 1
    shelf.sizes.clear()
    shelf.now += FRESH
    await room.take(100)
    assert shelf.looks == 2


async def test_without_a_bound_nobody_looks():
    shelf = Shelf(10**12)
    await shelf.room(None).take(10**12)
    assert shelf.looks == 0


async def test_uploads_alone_are_counted(tmp_path):
    settings = Settings(jobs=JobOptions(data_dir=tmp_path), api=replace(ApiOptions(), max_uploads=100))
    for name, size in (("uploads/a.png", 60), ("uploads/of/x/a.png", 5), ("ab/result.png", 1_000)):
        file = tmp_path / "artifacts" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(size))
    room = room_for_uploads(settings)
    with pytest.raises(UploadsFullError, match="35 of 100 are left"):
        await room.take(36)
    await room.take(35)
