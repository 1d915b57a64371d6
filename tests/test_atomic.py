import os
import stat

import pytest

from comfy_gen.atomic import replacing
from comfy_gen.errors import OutputPathError


def test_file_takes_its_place_whole(tmp_path):
    target = tmp_path / "picture.png"
    target.write_bytes(b"old")
    with replacing(target) as file:
        file.write(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["picture.png"]


def test_nothing_is_left_when_the_block_raises(tmp_path):
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "picture.png") as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == []


def test_missing_folder_is_an_output_path_error(tmp_path):
    with pytest.raises(OutputPathError, match="No such file or directory"), replacing(tmp_path / "gone" / "x.png"):
        pass


def test_full_disk_is_an_output_path_error_and_leaves_nothing(tmp_path):
    with pytest.raises(OutputPathError, match="No space left"), replacing(tmp_path / "x.png"):
        raise OSError(28, "No space left on device")
    assert os.listdir(tmp_path) == []


def test_file_is_as_readable_as_the_umask_lets_any_new_file_be(tmp_path):
    before = os.umask(0o022)
    try:
        with replacing(tmp_path / "x.png"):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x.png").stat().st_mode) == 0o644


def test_name_may_be_as_long_as_the_disk_allows(tmp_path):
    longest = "x" * (os.pathconf(tmp_path, "PC_NAME_MAX") - 4) + ".png"
    with replacing(tmp_path / longest) as file:
        file.write(b"new")
    assert os.listdir(tmp_path) == [longest]


def test_durable_file_and_its_name_are_on_the_disk_before_it_is_done(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(stat.S_ISDIR(os.fstat(handle).st_mode)))
    with replacing(tmp_path / "x.png", is_durable=True) as file:
        file.write(b"new")
    assert synced == [False, True]


def test_file_may_be_written_in_another_folder_first(tmp_path):
    (tmp_path / "parts").mkdir()
    with replacing(tmp_path / "x.png", folder=tmp_path / "parts") as file:
        file.write(b"new")
        assert os.listdir(tmp_path) == ["parts"]
    assert sorted(os.listdir(tmp_path)) == ["parts", "x.png"]
    assert os.listdir(tmp_path / "parts") == []
