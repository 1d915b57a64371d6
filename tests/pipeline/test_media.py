import io

import pytest
from PIL import Image

from comfy_gen.pipeline.media import is_picture, media_type_of, suffix_of


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp"), ("GIF", ".gif"), ("BMP", ".bmp"), ("TIFF", ".tiff")],
)
def test_picture_is_known_by_its_first_bytes(kind, suffix):
    target = io.BytesIO()
    Image.new("RGB", (8, 8)).save(target, kind)
    assert suffix_of(target.getvalue()) == suffix
    assert is_picture(suffix)


@pytest.mark.parametrize(
    ("head", "suffix"),
    [
        (b"\0\0\0\x20ftypisom\0\0\2\0", ".mp4"),
        (b"\0\0\0\x20ftypqt  \0\0\2\0", ".mov"),
        (b"\0\0\0\x20ftypM4A \0\0\2\0", ".m4a"),
        (b"\0\0\0\x20ftypavif\0\0\0\0", ".avif"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\xf7\x81\1B\xf2\x81\4B\xf3\x81\x08B\x82\x84webm", ".webm"),
        (b"\x1aE\xdf\xa3\xa3B\x86\x81\1B\xf7\x81\1B\xf2\x81\4B\xf3\x81\x08B\x82\x88matroska", ".mkv"),
        (b"RIFF\x24\x08\0\0WAVEfmt ", ".wav"),
        (b"RIFF\n\x08\0\0AVI LIST", ".avi"),
        (b"ID3\4\0\0\0", ".mp3"),
        (b"\xff\xfb\x90\x64", ".mp3"),
        (b"fLaC\0\0\0\x22", ".flac"),
        (b"OggS\0\2", ".ogg"),
        (b"glTF\2\0\0\0", ".glb"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", ""),
        (b"<!doctype html>", ""),
        (b"", ""),
    ],
)
def test_other_file_is_known_by_its_first_bytes(head, suffix):
    assert suffix_of(head) == suffix


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        (".png", "image/png"),
        (".webp", "image/webp"),
        (".mp4", "video/mp4"),
        (".wav", "audio/wav"),
        (".txt", "text/plain"),
        (".latent", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_suffix_stands_for_a_media_type(suffix, media_type):
    assert media_type_of(suffix) == media_type
