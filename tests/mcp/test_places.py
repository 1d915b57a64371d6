from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from comfy_gen.errors import InvalidParameterError, OutputPathError
from comfy_gen.mcp.places import LARGEST, Folders

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that is open, beside things that are not."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "open").mkdir()
    return tmp_path / "open"


def test_a_path_is_absolute_or_begins_in_the_first_folder(root: Path, tmp_path: Path) -> None:
    second = tmp_path / "second"
    folders = Folders([root, second])
    assert folders.check("a.png") == root / "a.png"
    assert folders.check("deep/er/a.PNG") == root / "deep/er/a.PNG"
    assert folders.check(str(second / "a.webp")) == second / "a.webp"
    assert folders.roots == (root, second)


@pytest.mark.parametrize(
    "path",
    [
        "../elsewhere/a.png",
        "deep/../../elsewhere/a.png",
        "deep/../a.png",
        "/etc/a.png",
        "~/a.png",
        "",
        "  ",
        "~nobody-is-called-so/a.png",
        "a\0.png",
        "\ud800.png",
        "a",
        ".png",
        "run.sh",
        "a.png.py",
        ".",
    ],
)
def test_what_leads_out_or_is_no_picture_is_refused(root: Path, path: str) -> None:
    with pytest.raises(InvalidParameterError, match="output_path"):
        Folders([root]).check(path)


def test_a_folder_beside_one_with_the_same_beginning_is_not_open(root: Path, tmp_path: Path) -> None:
    (tmp_path / "opened").mkdir()
    with pytest.raises(InvalidParameterError):
        Folders([root]).check(str(tmp_path / "opened" / "a.png"))


def test_links_that_lead_out_are_refused_and_links_within_are_not(root: Path, tmp_path: Path) -> None:
    (root / "out").symlink_to(tmp_path / "elsewhere")
    (root / "out.png").symlink_to(tmp_path / "elsewhere" / "a.png")
    (root / "inside").mkdir()
    (root / "in").symlink_to(root / "inside")
    folders = Folders([root])
    assert folders.check("in/a.png") == root / "inside" / "a.png"
    for path in ("out/a.png", "out.png"):
        with pytest.raises(InvalidParameterError):
            folders.check(path)


def test_a_root_may_itself_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert Folders([tmp_path / "link"]).check(str(tmp_path / "link" / "a.png")) == root / "a.png"


def test_a_folder_is_no_file(root: Path) -> None:
    (root / "a.png").mkdir()
    with pytest.raises(InvalidParameterError, match="not of a folder"):
        Folders([root]).check("a.png")


def test_without_folders_nothing_is_open(root: Path) -> None:
    with pytest.raises(InvalidParameterError, match="no folder for files") as caught:
        Folders([]).check(str(root / "a.png"))
    assert caught.value.hint


def test_a_file_is_saved_with_the_folders_that_it_needs(root: Path) -> None:
    folders = Folders([root])
    folders.save(folders.check("deep/er/a.png"), b"picture")
    assert (root / "deep/er/a.png").read_bytes() == b"picture"
    assert [path.name for path in (root / "deep/er").iterdir()] == ["a.png"]


def test_another_file_is_replaced_only_where_that_is_said(root: Path) -> None:
    folders, place = Folders([root]), root / "a.png"
    place.write_bytes(b"before")
    with pytest.raises(InvalidParameterError, match="no file that is there"):
        folders.save(place, b"after")
    assert place.read_bytes() == b"before"
    folders.save(place, b"after", may_replace=True)
    assert place.read_bytes() == b"after"


def test_a_place_that_leads_out_by_now_is_refused(root: Path, tmp_path: Path) -> None:
    folders = Folders([root])
    place = folders.check("deep/a.png")
    (root / "deep").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidParameterError):
        folders.save(place, b"picture")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_the_disk_does_not_take_leaves_nothing(root: Path) -> None:
    (root / "file.png").write_bytes(b"")
    folders = Folders([root])
    with pytest.raises(InvalidParameterError, match="too long"):
        folders.save(root / f"{'x' * 300}.png", b"picture")
    with pytest.raises(OutputPathError):
        folders.save(root / "new" / f"{'x' * 300}.png", b"picture")
    with pytest.raises((OutputPathError, InvalidParameterError)):
        folders.save(root / "file.png" / "a.png", b"picture")
    assert sorted(path.name for path in root.rglob("*")) == ["file.png", "new"]


def test_a_name_that_was_taken_for_nothing_is_free_again(root: Path) -> None:
    with pytest.raises(TypeError):
        Folders([root]).save(root / "a.png", "no bytes")  # pyright: ignore[reportArgumentType]  # that is the test
    assert list(root.iterdir()) == []


def test_what_was_there_stays_where_its_replacement_fails(root: Path) -> None:
    (root / "a.png").write_bytes(b"before")
    with pytest.raises(TypeError):
        Folders([root]).save(root / "a.png", "no bytes", may_replace=True)  # pyright: ignore[reportArgumentType]  # that is the test
    assert (root / "a.png").read_bytes() == b"before"


def test_a_file_is_read_from_the_folders_alone(root: Path, tmp_path: Path) -> None:
    (root / "a.png").write_bytes(b"picture")
    (tmp_path / "elsewhere" / "b.png").write_bytes(b"secret")
    folders = Folders([root])
    assert folders.read("a.png") == b"picture"
    for path in ("../elsewhere/b.png", "missing.png"):
        with pytest.raises(InvalidParameterError, match="image"):
            folders.read(path, name="image")


def test_a_pipe_is_not_read_for_ever(root: Path) -> None:
    os.mkfifo(root / "pipe.png")
    with pytest.raises(InvalidParameterError, match="nothing that is like one"):
        Folders([root]).read("pipe.png")


def test_a_file_that_is_too_large_is_not_read(root: Path) -> None:
    with (root / "large.png").open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(InvalidParameterError, match="at most 100 MB"):
        Folders([root]).read("large.png")
