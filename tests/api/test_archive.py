"""Archives as they are sent: piece by piece, whole or visibly broken off."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest

from comfy_gen.api.archive import LIST, archive_of, check_files
from comfy_gen.errors import ArtifactGoneError
from comfy_gen.jobs.ids import JobId
from comfy_gen.library.archive import Entry
from tests.contracts.job_stores import artifact

AT = dt.datetime(2026, 3, 1, 12, 30, 8, tzinfo=dt.UTC)
PIECE = 64 * 1024


class Shelf:
    """A store whose files are all of one letter, and so many pieces long."""

    def __init__(self, **pieces: int) -> None:
        self.pieces = pieces
        self.read_so_far = 0

    async def exists(self, key: str) -> bool:
        return key in self.pieces

    async def read(self, key: str, start: int = 0, stop: int | None = None):
        assert (start, stop) == (0, None)
        if key not in self.pieces:
            raise ArtifactGoneError(key)
        for _ in range(self.pieces[key]):
            self.read_so_far += 1
            yield key.encode() * PIECE


def entry(key, *, size=PIECE):
    return Entry(f"{key}.png", artifact(JobId("6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"), key=key, size=size), AT)


async def test_archive_is_one_that_everybody_reads():
    chunks = [one async for one in archive_of(Shelf(a=2, b=1), [entry("a"), entry("b")], b"[]", AT)]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(chunks)))
    assert archive.testzip() is None
    assert archive.namelist() == [LIST, "a.png", "b.png"]
    assert (archive.read("a.png"), archive.read("b.png")) == (b"a" * 2 * PIECE, b"b" * PIECE)
    told = archive.getinfo("a.png")
    assert (told.compress_type, told.date_time) == (zipfile.ZIP_STORED, (2026, 3, 1, 12, 30, 8))
    assert told.external_attr >> 16 == 0o644


async def test_archive_holds_no_more_than_a_piece_of_a_file():
    shelf, sent = Shelf(a=300, b=300), 0
    async for chunk in archive_of(shelf, [entry("a"), entry("b")], b"[]", AT):
        sent += 1
        assert len(chunk) < PIECE + 1_000
        assert sent >= shelf.read_so_far
    assert shelf.read_so_far == 600


async def test_file_of_more_than_4_gib_is_announced_as_one():
    chunks = [one async for one in archive_of(Shelf(a=1), [entry("a", size=5 * 2**30)], b"[]", AT)]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(chunks)))
    assert archive.read("a.png") == b"a" * PIECE
    assert archive.getinfo("a.png").extract_version == zipfile.ZIP64_VERSION


async def test_archive_whose_file_goes_while_it_is_sent_breaks_off():
    sent = io.BytesIO()
    with pytest.raises(ArtifactGoneError):
        async for chunk in archive_of(Shelf(a=1), [entry("a"), entry("b")], b"[]", AT):
            sent.write(chunk)
    assert sent.tell() > PIECE
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(sent)


async def test_file_that_is_gone_is_named_before_anything_is_sent():
    shelf = Shelf(a=1)
    await check_files(shelf, [entry("a")] * 40)
    with pytest.raises(ArtifactGoneError, match="the stored file b is gone"):
        await check_files(shelf, [*[entry("a")] * 40, entry("b")])
    assert shelf.read_so_far == 0
