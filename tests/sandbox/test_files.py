from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from comfy_gen.errors import OutputPathError
from comfy_gen.sandbox.files import Files, OutsideError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "data")


@pytest.mark.parametrize("parts", [("..", "x"), ("/etc", "passwd"), ("a/../..", "x"), ("../../input-else",)])
def test_path_that_leads_out_is_none(files: Files, parts: tuple[str, ...]):
    assert files.inside("input", *parts) is None


def test_link_that_leads_out_is_none(files: Files, tmp_path: Path):
    (files.folder("input") / "link").symlink_to(tmp_path)
    assert files.inside("input", "link", "x.png") is None


def test_path_that_comes_back_in_is_found(files: Files):
    assert files.inside("input", "../input/a.png") == files.folder("input") / "a.png"


def test_annotation_names_the_folder(files: Files):
    assert files.annotated("a.png [output]") == files.folder("output") / "a.png"
    assert files.annotated("sub/a.png") == files.folder("input") / "sub/a.png"
    assert files.annotated("../a.png [temp]") is None


def test_names_are_those_of_input_files_only(files: Files):
    assert files.names() == []
    (files.folder("input") / "sub").mkdir()
    (files.folder("input") / "b.png").touch()
    (files.folder("input") / "a.png").touch()
    assert files.names() == ["a.png", "b.png"]
    assert files.exists("a.png")
    assert not files.exists("c.png")
    for name in ("../input/../../x", "a\0.png", "a" * 300):
        assert not files.exists(name)


def test_numbers_go_up_by_prefix(files: Files):
    taken = [files.slot("output", prefix, width=1, height=1).counter for prefix in ("a", "a", "b")]
    assert taken == [1, 2, 1]
    assert files.slot("output", "a", width=1, height=1, count=4).counter == 3
    assert files.slot("output", "a", width=1, height=1).counter == 7


def test_numbers_go_on_after_the_files_that_are_there(tmp_path: Path):
    (tmp_path / "output").mkdir()
    for name in ("a_00007_.png", "a_00003_.png", "ab_00099_.png", "a_x.png"):
        (tmp_path / "output" / name).touch()
    assert Files(tmp_path).slot("output", "a", width=1, height=1).counter == 8


def test_prefix_may_name_a_folder_and_the_size(files: Files):
    slot = files.slot("output", "new/%width%x%height%/p", width=64, height=32)
    assert (slot.subfolder, slot.stem) == ("new/64x32", "p")
    assert slot.folder.is_dir()


def test_prefix_that_leads_out_is_refused(files: Files):
    with pytest.raises(OutsideError, match="is not in"):
        files.slot("output", "../../evil", width=1, height=1)


def test_upload_of_other_bytes_gets_another_name(files: Files):
    home = files.folder("input")
    names = [files.store_upload(home, "a.png", content, overwrite=False) for content in (b"1", b"1", b"2", b"2", b"3")]
    assert names == ["a.png", "a.png", "a (1).png", "a (1).png", "a (2).png"]


def test_upload_that_overwrites_keeps_the_name(files: Files):
    home = files.folder("input")
    files.store_upload(home, "a.png", b"1", overwrite=False)
    assert files.store_upload(home, "a.png", b"2", overwrite=True) == "a.png"
    assert (home / "a.png").read_bytes() == b"2"


def test_folder_that_is_gone_is_made_again(files: Files):
    (files.folder("input") / "a.png").touch()
    assert files.names() == ["a.png"]
    shutil.rmtree(files.root)
    assert files.names() == []
    slot = files.slot("output", "a", width=1, height=1)
    assert slot.folder.is_dir()


def test_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputPathError, match=r"cannot write .*data: Not a directory"):
        Files(tmp_path / "file" / "data")
