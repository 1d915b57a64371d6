import os

import pytest

from comfy_gen.errors import StorageError
from comfy_gen.pipeline.cache import RESPITE, AssetCache


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cache(tmp_path, clock):
    return AssetCache(tmp_path / "assets", max_bytes=25, clock=clock)


def test_content_is_kept_under_its_name(cache, tmp_path):
    path = cache.keep("a.png", b"pixels")
    assert path == tmp_path / "assets" / "a.png"
    assert path.read_bytes() == b"pixels"


def test_what_was_not_used_for_longest_goes_first(cache, clock):
    for name in ("a", "b"):
        cache.keep(name, bytes(10))
        clock.now += RESPITE
    cache.keep("a", bytes(10))
    clock.now += RESPITE
    cache.keep("c", bytes(10))
    assert sorted(os.listdir(cache.folder)) == ["a", "c"]


def test_what_was_used_just_now_stays_though_there_is_no_room(cache, clock):
    for name in ("a", "b", "c", "d"):
        cache.keep(name, bytes(10))
        clock.now += RESPITE / 10
    assert sorted(os.listdir(cache.folder)) == ["a", "b", "c", "d"]


def test_file_that_was_cut_short_is_written_again(cache):
    cache.keep("a.png", b"pixels").write_bytes(b"pix")
    assert cache.keep("a.png", b"pixels").read_bytes() == b"pixels"


def test_folder_that_cannot_be_written_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match=r"could not store a\.png") as caught:
        AssetCache(tmp_path / "file").keep("a.png", b"pixels")
    assert "make room" in caught.value.hint


def test_full_disk_is_a_storage_error_and_leaves_nothing(cache, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    cache.keep("a", b"x")
    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(StorageError, match="No space left"):
        cache.keep("b", b"y")
    assert os.listdir(cache.folder) == ["a"]
