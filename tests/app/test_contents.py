"""Tests of what is known of a file's content."""

from __future__ import annotations

import io

import pytest
from blake3 import blake3
from PIL import Image

from comfy_gen.app.contents import CHUNK, chunks_of, content_of


def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (16, 8), "red").save(target, "PNG")
    return target.getvalue()


def test_content_is_read_from_its_beginning_piece_by_piece():
    whole = bytes(range(256)) * (CHUNK // 128)
    file = io.BytesIO(whole)
    file.seek(99)
    content = content_of(file, name="a.txt")
    assert (content.digest, content.size) == (blake3(whole).hexdigest(), len(whole))
    assert [len(chunk) for chunk in chunks_of(file)] == [CHUNK, CHUNK]


def test_place_follows_from_the_content_and_not_from_its_hash():
    one, same, other = (content_of(io.BytesIO(data), name="a") for data in (b"one", b"one", b"other"))
    assert one.place == same.place != other.place
    assert one.place != one.digest
    assert blake3(one.digest.encode()).hexdigest() != one.place


@pytest.mark.parametrize(
    ("data", "name", "suffix", "media_type"),
    [
        (picture(), "a.txt", ".png", "image/png"),
        (b"a,b\n", "a.CSV", ".csv", "text/csv"),
        (b"RIFF\0\0\0\0WAVE", "x", ".wav", "audio/wav"),
        (b"text", "what?.txt", ".txt", "text/plain"),
        (b"\0", "x.latent", ".latent", "application/octet-stream"),
    ],
)
def test_kind_is_told_by_the_content_and_by_the_name_where_that_tells_nothing(data, name, suffix, media_type):
    content = content_of(io.BytesIO(data), name=name)
    assert (content.suffix, content.media_type, content.fault) == (suffix, media_type, "")


@pytest.mark.parametrize("name", ["upload.bin", "x.png", "x.safetensors", "x", "//[", "x.[", ".txt"])
def test_what_no_workflow_can_work_on_says_so(name):
    content = content_of(io.BytesIO(b"<nothing>"), name=name)
    assert content.suffix == ".bin"
    assert content.fault.startswith("it is no picture, video, sound")


def test_picture_that_is_damaged_says_so():
    content = content_of(io.BytesIO(picture()[:50]), name="a.png")
    assert (content.suffix, content.fault != "") == (".png", True)


def test_nothing_is_a_content_too():
    content = content_of(io.BytesIO(b""), name="empty.bin")
    assert (content.digest, content.size) == (blake3(b"").hexdigest(), 0)
