from __future__ import annotations

import os
from contextlib import contextmanager
from itertools import islice
from typing import IO, TYPE_CHECKING

import pytest

from comfy_gen.atomic import replacing
from comfy_gen.supervisor import log

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


def test_small_log_stays_as_it_is(tmp_path: Path):
    file = tmp_path / log.NAME

    assert not log.rotate(file)
    file.write_bytes(b"x" * 10)

    assert not log.rotate(file, limit=10)
    assert log.log_files(tmp_path) == [file]


def test_large_log_goes_on_in_an_empty_file_for_who_has_it_open(tmp_path: Path):
    file = tmp_path / log.NAME
    with file.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 10)
        assert log.rotate(file, limit=10)
        writer.write(b"new\n")

    assert file.read_bytes() == b"new\n"
    assert (tmp_path / "comfyui.log.1").read_bytes() == b"old\n" * 10


def test_what_is_said_while_a_large_log_is_copied_is_not_lost(tmp_path: Path, monkeypatch):
    file = tmp_path / log.NAME
    file.write_bytes(b"old\n" * 10)

    @contextmanager
    def replacing_slowly(place: Path) -> Generator[IO[bytes]]:
        with replacing(place) as copy:
            yield copy
            with file.open("ab") as writer:
                writer.write(b"late\n")

    monkeypatch.setattr(log, "replacing", replacing_slowly)
    log.rotate(file, limit=10)

    assert (tmp_path / "comfyui.log.1").read_bytes() == b"old\n" * 10 + b"late\n"


def test_so_many_older_files_are_kept(tmp_path: Path):
    file = tmp_path / log.NAME
    for number in range(9):
        file.write_text(f"{number}\n" * 10)
        log.rotate(file, limit=1, kept=3)

    assert [one.read_text()[0] for one in log.log_files(tmp_path)[1:]] == ["8", "7", "6"]


def test_log_does_not_grow_on_a_disk_that_is_full(tmp_path: Path):
    file = tmp_path / log.NAME
    file.write_bytes(b"old\n" * 10)
    (tmp_path / "comfyui.log.1").mkdir()  # in its place, as good as no room
    (tmp_path / "comfyui.log.2").mkdir()
    (tmp_path / "comfyui.log.2" / "full").touch()

    assert log.rotate(file, limit=10, kept=1)
    assert file.read_bytes() == b""


def test_tail_has_the_last_lines_over_all_files(tmp_path: Path):
    (tmp_path / "comfyui.log.1").write_text("1\n2\n3\n")
    (tmp_path / "comfyui.log").write_text("4\n5\n")
    files = log.log_files(tmp_path)

    assert log.tail(files, 1) == ["5"]
    assert log.tail(files, 3) == ["3", "4", "5"]
    assert log.tail(files, 100) == ["1", "2", "3", "4", "5"]
    assert log.tail(files, 0) == []


def test_tail_begins_where_it_is_told_to_unless_the_file_was_emptied_since(tmp_path: Path):
    file = tmp_path / "comfyui.log"
    file.write_text("before\nafter\n")

    assert log.tail([file], 9, since=len("before\n")) == ["after"]
    assert log.tail([file], 9, since=1000) == ["before", "after"]


def test_tail_reads_lines_that_are_longer_than_a_block(tmp_path: Path):
    file = tmp_path / "comfyui.log"
    file.write_text(f"first\n{'x' * 200_000}\nlast")

    assert [len(line) for line in log.tail([file], 2)] == [200_000, 4]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"plain\ttext", "plain\ttext"),
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07text", "text"),
        (b" 10%|#  |\r 20%|## |", " 20%|## |"),
        (b"of Windows\r", "of Windows"),
        (b"\x07bell\x00", "bell"),
        ("Grüße".encode("latin-1"), "Gr\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}e"),
    ],
)
def test_nothing_is_shown_that_a_terminal_would_obey(line: bytes, shown: str):
    assert log.clean(line) == shown


def test_reader_gives_whole_lines_as_they_come(tmp_path: Path):
    file = tmp_path / log.NAME
    reader = log.Reader(file)
    assert reader.lines() == []

    with file.open("ab", buffering=0) as writer:
        writer.write(b"one\ntw")
        assert reader.lines() == ["one"]
        writer.write(b"o\n")
        assert reader.lines() == ["two"]


def test_reader_goes_on_in_the_file_that_was_emptied(tmp_path: Path):
    file = tmp_path / log.NAME
    file.write_text("old\n")
    reader = log.Reader(file)

    os.truncate(file, 0)
    file.write_text("n\n")

    assert reader.lines() == ["n"]


def test_reader_loses_nothing_when_the_log_is_rotated(tmp_path: Path):
    file = tmp_path / log.NAME
    (tmp_path / "comfyui.log.1").write_text("of an earlier time " * 9)
    file.write_text("read\nhalf")
    reader = log.Reader(file, position=0)
    assert reader.lines() == ["read"]

    with file.open("ab", buffering=0) as writer:
        writer.write(b" a line\nunread\n")
        log.rotate(file, limit=1)
        writer.write(b"new\n")
    assert reader.lines() == ["half a line", "unread", "new"]

    os.truncate(file, 0)  # by somebody else: what is in the older file was shown
    file.write_text("n\n")
    assert reader.lines() == ["n"]


def test_line_that_comes_while_following_begins_is_shown_once(tmp_path: Path, monkeypatch):
    file = tmp_path / log.NAME
    file.write_text("one\n")
    files = log.log_files

    def files_with_more(folder: Path) -> list[Path]:
        with file.open("a") as writer:
            writer.write("two\n")
        return files(folder)

    monkeypatch.setattr(log, "log_files", files_with_more)
    lines = log.follow(tmp_path, 9)
    shown = list(islice(lines, 2))
    file.write_text(file.read_text() + "three\n")

    assert [*shown, next(lines)] == ["one", "two", "three"]


def test_follow_gives_the_last_lines_and_then_what_comes(tmp_path: Path):
    file = tmp_path / log.NAME
    file.write_text("one\ntwo\n")
    lines = log.follow(tmp_path, 1)

    assert next(lines) == "two"
    with file.open("a") as writer:
        writer.write("three\nfour\n")
    assert list(islice(lines, 2)) == ["three", "four"]
