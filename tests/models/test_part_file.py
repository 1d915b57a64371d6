from __future__ import annotations

import errno
import os
from contextlib import contextmanager

import pytest

from comfy_gen.errors import DiskSpaceError, OutputPathError
from comfy_gen.models.part_file import PartFile, taken_by
from comfy_gen.models.parts import Identity, Note, Span

NOTE = Note("address", Identity(10, '"a"'))


@pytest.fixture
def target(tmp_path):
    return tmp_path / "vae" / "a.safetensors"


@contextmanager
def claimed(target):
    part = PartFile(target)
    assert part.claim()
    try:
        yield part
    finally:
        part.release()


async def test_bytes_are_found_again_once_they_were_saved(target):
    with claimed(target) as part:
        part.take_up(NOTE)
        part.write(4, b"efg")
        await part.save()
    with claimed(target) as part:
        part.take_up(NOTE)
        assert part.missing(Span(0, 10)) == (Span(0, 4), Span(7, 10))
        part.write(7, b"hij")
        part.write(0, b"abcd")
        assert part.read(3) == b"abc"
        part.finish()
    assert target.read_bytes() == b"abcdefghij"
    assert os.listdir(target.parent) == ["a.safetensors"]


def test_bytes_are_found_again_after_release(target):
    with claimed(target) as part:
        part.take_up(NOTE)
        part.write(0, b"abc")
    assert taken_by(target) > 0
    with claimed(target) as part:
        assert part.held == 0
        part.take_up(NOTE)
        assert part.kept == 3


def test_bytes_of_another_file_are_forgotten(target):
    with claimed(target) as part:
        part.take_up(NOTE)
        part.write(0, b"abc")
    with claimed(target) as part:
        part.take_up(Note("address", Identity(10, '"b"')))
        assert part.held == 0
        assert part.path.stat().st_size == 0


@pytest.mark.parametrize("harm", ["note is cut short", "note is no text", "part is cut short", "part is gone"])
def test_note_is_not_believed_when_it_or_the_part_was_harmed(target, harm):
    with claimed(target) as part:
        part.take_up(NOTE)
        part.write(0, b"abcdef")
    match harm:
        case "note is cut short":
            part.note_path.write_text(part.note_path.read_text()[:20])
        case "note is no text":
            part.note_path.write_bytes(b"\xff\xfe")
        case "part is cut short":
            os.truncate(part.path, 5)
        case _:
            part.path.unlink()
    with claimed(target) as part:
        part.take_up(NOTE)
        assert part.held == 0


def test_nothing_is_left_of_what_cannot_be_gone_on_from(target):
    with claimed(target) as part:
        part.begin_anew()
        part.write(0, b"abc")
        assert (part.held, part.kept) == (3, 0)
    assert os.listdir(target.parent) == []
    assert taken_by(target) == 0


def test_discarded_part_is_gone(target):
    with claimed(target) as part:
        part.take_up(NOTE)
        part.write(0, b"abc")
        part.discard()
    assert os.listdir(target.parent) == []


def test_part_is_for_one_at_a_time(target):
    with claimed(target):
        assert not PartFile(target).claim()
        assert PartFile(target.with_name("b.safetensors")).claim()
    with claimed(target):
        pass


def test_part_that_was_finished_before_the_lock_came_is_not_taken(target):
    """Whoever opened it before and locked it after would hold what is the whole file now."""
    other = PartFile(target)
    assert other.claim()
    other.begin_anew()
    late = PartFile(target)
    file = os.open(late.path, os.O_RDWR)
    other.finish()
    assert not late._lock(file)
    os.close(file)


def test_part_is_listed_for_no_model(target):
    assert PartFile(target).path.name.startswith(".part-")
    assert "." not in PartFile(target).path.name[1:]
    assert len(PartFile(target.with_name("a" * 255)).note_path.name) < 100


def test_link_in_the_place_of_the_part_is_not_followed(target, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("kept")
    target.parent.mkdir()
    PartFile(target).path.symlink_to(precious)
    with pytest.raises(OutputPathError):
        PartFile(target).claim()
    assert precious.read_text() == "kept"


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, DiskSpaceError), (errno.EIO, OutputPathError)])
def test_disk_that_takes_no_more_is_told(target, number, kind):
    with claimed(target) as part:
        part.take_up(NOTE)
        with pytest.raises(kind), part._explained():
            raise OSError(number, os.strerror(number))
