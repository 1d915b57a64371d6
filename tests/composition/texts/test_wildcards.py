import os
from pathlib import Path

import pytest

from comfy_gen.composition import files
from comfy_gen.composition.texts.wildcards import LARGEST, Wildcards


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_without_a_folder_there_are_none():
    assert Wildcards(None).current() == {}


def test_a_folder_that_is_not_there_has_none(tmp_path):
    assert Wildcards(tmp_path / "none").current() == {}


def test_each_line_is_an_alternative_but_for_blank_ones_and_comments(tmp_path):
    (tmp_path / "animals").mkdir()
    (tmp_path / "animals" / "small.txt").write_text("\ufeffmouse\r\n\n # none\n  cat, tame \nmüde\n", encoding="utf-8")
    (tmp_path / "notes.md").write_text("no wildcard")
    assert Wildcards(tmp_path).current() == {"animals/small": ("mouse", "cat, tame", "müde")}


def test_changes_are_seen_after_a_second_and_not_before(tmp_path, clock):
    (tmp_path / "colour.txt").write_text("red")
    known = Wildcards(tmp_path, clock=clock)
    first = known.current()
    (tmp_path / "colour.txt").write_text("red\nblue")
    (tmp_path / "more.txt").write_text("x")
    assert known.current() is first
    clock.now = 1.0
    assert known.current() == {"colour": ("red", "blue"), "more": ("x",)}
    (tmp_path / "more.txt").unlink()
    clock.now = 2.0
    assert known.current() == {"colour": ("red", "blue")}
    assert first == {"colour": ("red",)}


def test_what_did_not_change_is_not_read_again(tmp_path, clock):
    (tmp_path / "colour.txt").write_text("red")
    known = Wildcards(tmp_path, clock=clock)
    first = known.current()
    clock.now = 5.0
    assert known.current() is first


def test_what_cannot_be_used_is_left_out_and_said_once(tmp_path, clock, caplog):
    (tmp_path / "good.txt").write_text("x")
    (tmp_path / "latin.txt").write_bytes("müde".encode("latin-1"))
    (tmp_path / "large.txt").write_bytes(b"x" * (LARGEST + 1))
    os.mkfifo(tmp_path / "pipe.txt")
    known = Wildcards(tmp_path, clock=clock)
    assert known.current() == {"good": ("x",)}
    clock.now = 5.0
    known.current()
    for name, why in (("latin", "UTF-8"), ("large", "larger"), ("pipe", "no file")):
        assert [why in problem for problem in known.problems if name in problem] == [True]
        assert sum(name in message for message in caplog.messages) == 1


def test_links_that_lead_out_of_the_folder_are_left_out(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "secret.txt").write_text("secret")
    (folder / "good.txt").write_text("x")
    (folder / "alias.txt").symlink_to(folder / "good.txt")
    (folder / "secret.txt").symlink_to(outside / "secret.txt")
    (folder / "broken.txt").symlink_to(outside / "none.txt")
    (folder / "all").symlink_to(outside)
    known = Wildcards(folder)
    assert known.current() == {"alias": ("x",), "good": ("x",)}
    assert len(known.problems) == 1


def test_more_files_than_the_bound_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST", 1)
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("x")
    assert Wildcards(tmp_path).current() == {"a": ("x",)}


def test_a_file_that_may_not_be_read_is_left_out(tmp_path, monkeypatch):
    (tmp_path / "closed.txt").write_text("x")

    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    known = Wildcards(tmp_path)
    assert known.current() == {}
    assert "Permission denied" in known.problems[0]
