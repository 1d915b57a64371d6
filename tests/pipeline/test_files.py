import io

import pytest
from PIL import Image

from comfy_gen.comfyui import FileRef
from comfy_gen.errors import CorruptOutputError, EngineResponseError, InputImageError, StorageError
from comfy_gen.pipeline import files
from comfy_gen.pipeline.files import fetch_spooled, fetch_whole, kept_files, must_open, opened, persistently
from tests.contracts.pictures import png


@pytest.fixture(autouse=True)
def _no_delays(monkeypatch):
    monkeypatch.setattr(files, "FETCH_DELAYS", (0, 0))


@pytest.fixture
async def picture(client):
    await client.upload_image(png(), name="a.png")
    return FileRef("a.png", type="input")


def test_previews_are_kept_only_where_there_is_nothing_else():
    temporary, kept = FileRef("a.png", type="temp"), FileRef("b.png")
    assert kept_files([temporary, kept]) == [kept]
    assert kept_files([temporary]) == [temporary]
    assert kept_files([temporary, kept], with_shown=True) == [kept, temporary]


async def test_file_is_fetched_whole(client, picture):
    assert await fetch_whole(client, picture) == png()


async def test_engine_that_hesitates_is_asked_three_times(client, sandbox, picture):
    sandbox.add_fault("error_500:route=GET /view,times=2")
    assert await fetch_whole(client, picture) == png()


async def test_engine_that_refuses_for_good_is_an_error(client, sandbox, picture):
    sandbox.add_fault("error_500:route=GET /view,times=3")
    with pytest.raises(EngineResponseError, match="500"):
        await fetch_whole(client, picture)


@pytest.mark.parametrize("name", ["a.png", "a.JPG", "a.gif"])
async def test_picture_that_does_not_open_is_corrupt(client, name):
    await client.upload_image(png()[:60], name=name)
    with pytest.raises(CorruptOutputError, match="damaged"):
        await fetch_whole(client, FileRef(name, type="input"))


async def test_what_is_no_picture_need_not_open(client):
    await client.upload_image(b"no picture", name="a.mp4")
    assert await fetch_whole(client, FileRef("a.mp4", type="input")) == b"no picture"
    assert not must_open("a.mp4")


def test_picture_of_any_size_is_passed_on(monkeypatch):
    def refuse(content, *, source):
        raise InputImageError(source, "large") from Image.DecompressionBombWarning()

    monkeypatch.setattr(files, "open_picture", refuse)
    assert opened(png(), "a.png") is None


def test_picture_opens_from_a_file_too():
    assert opened(io.BytesIO(png(size=(8, 9))), "a.png").size == (8, 9)


@pytest.mark.parametrize("in_memory", [1, 10_000_000])
async def test_spooled_file_is_open_at_its_beginning(client, picture, monkeypatch, in_memory):
    monkeypatch.setattr(files, "IN_MEMORY", in_memory)
    with await fetch_spooled(client, picture) as spool:
        assert spool.read() == png()


async def test_full_disk_says_where_room_is_needed(client, picture, monkeypatch, tmp_path):
    monkeypatch.setattr(files, "IN_MEMORY", 1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(StorageError, match=r"could not store a\.png") as caught:
        await fetch_spooled(client, picture)
    assert "TMPDIR" in caught.value.hint


async def test_missing_file_leaves_no_spool_behind(client):
    with pytest.raises(EngineResponseError, match="404"):
        await fetch_spooled(client, FileRef("gone.png"))


async def test_only_what_an_engine_says_is_asked_again():
    calls = []

    async def fetch():
        calls.append(1)
        raise StorageError("a.png", "full")

    with pytest.raises(StorageError):
        await persistently(fetch)
    assert len(calls) == 1
