import os

import pytest

from comfy_gen.errors import StorageError
from comfy_gen.storage.folder_files import folder_files


@pytest.fixture
def root(tmp_path):
    for name in ("ab/one.png", "ab/two.png", "cd/three.mp4", "top.txt", ".parts/half", "ab/.hidden"):
        path = tmp_path / "store" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * len(name))
    return tmp_path / "store"


def keys(root, prefix=""):
    return sorted(file.key for file in folder_files(root, prefix))


def test_every_whole_file_is_listed_by_its_key(root):
    assert keys(root) == ["ab/one.png", "ab/two.png", "cd/three.mp4", "top.txt"]


def test_beginning_of_the_key_chooses(root):
    assert keys(root, "ab/t") == ["ab/two.png"]


def test_size_and_time_are_told(root):
    os.utime(root / "top.txt", (5, 7))
    (file,) = folder_files(root, "top")
    assert (file.size, file.changed) == (7, 7.0)


def test_folder_that_is_not_there_holds_nothing(tmp_path):
    assert keys(tmp_path / "none") == []


def test_links_are_not_followed(root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.png").write_bytes(b"x")
    (root / "link").symlink_to(outside)
    (root / "file.png").symlink_to(outside / "secret.png")
    assert keys(root, "link") == keys(root, "file") == []


def test_what_is_no_folder_is_a_storage_error(root):
    with pytest.raises(StorageError, match="Not a directory"):
        keys(root / "top.txt")
