import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from comfy_gen.errors import InputImageError
from comfy_gen.workflows.png import SIGNATURE, read_texts, with_text


def picture(**texts):
    info = PngImagePlugin.PngInfo()
    for keyword, text in texts.items():
        info.add_text(keyword, text)
    buffer = io.BytesIO()
    Image.effect_noise((32, 16), 50).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(*chunks):
    return SIGNATURE + b"".join(chunks) + chunk(b"IEND", b"")


@pytest.mark.parametrize("text", ["plain", "Größe", "狐 🦊", "", "two\nlines"])
def test_text_is_read_back_by_us_and_by_pillow(text):
    png = with_text(picture(), "parameters", text)
    assert read_texts(png) == {"parameters": text}
    with Image.open(io.BytesIO(png)) as image:
        assert image.info["parameters"] == text  # before any pixel is decoded
        image.load()


def test_all_other_bytes_stay():
    png = picture(prompt="{}")
    marked = with_text(png, "parameters", "x")
    added = chunk(b"tEXt", b"parameters\0x")
    assert marked.replace(added, b"") == png


def test_text_in_latin_1_is_plain_and_any_other_is_international():
    assert chunk(b"tEXt", b"a\0\xfc") in with_text(picture(), "a", "ü")
    assert chunk(b"iTXt", b"a\0\0\0\0\0" + "狐".encode()) in with_text(picture(), "a", "狐")


def test_former_text_under_the_keyword_is_replaced():
    png = with_text(with_text(picture(prompt="{}"), "parameters", "狐"), "parameters", "new")
    assert read_texts(png) == {"prompt": "{}", "parameters": "new"}


def test_bytes_after_the_end_stay():
    assert with_text(picture() + b"more", "a", "b").endswith(b"more")


def test_packed_texts_are_read():
    info = PngImagePlugin.PngInfo()
    info.add_text("a", "Größe", zip=True)
    info.add_itxt("b", "狐", zip=True, lang="zh", tkey="b")
    buffer = io.BytesIO()
    Image.new("L", (1, 1)).save(buffer, "PNG", pnginfo=info)
    assert read_texts(buffer.getvalue()) == {"a": "Größe", "b": "狐"}


def test_first_of_two_texts_counts():
    assert read_texts(png_of(chunk(b"tEXt", b"a\x001"), chunk(b"tEXt", b"a\x002"))) == {"a": "1"}


def test_other_formats_are_refused():
    with pytest.raises(InputImageError, match=r"cannot use x\.gif as an input picture: it is not a PNG"):
        read_texts(b"GIF89a", source="x.gif")


@pytest.mark.parametrize("kept", [8, 10, 30, 60, -1, -13])
def test_picture_that_is_cut_off_is_refused(kept):
    with pytest.raises(InputImageError, match="the PNG is cut off"):
        with_text(picture()[:kept], "a", "b")


def test_corrupt_packed_text_is_refused():
    with pytest.raises(InputImageError, match="a text in the PNG is corrupt"):
        read_texts(png_of(chunk(b"zTXt", b"a\0\0nonsense")))


def test_text_that_unpacks_to_gigabytes_is_refused():
    bomb = zlib.compress(bytes(65 * 1024 * 1024), 9)
    with pytest.raises(InputImageError, match="larger than 64 MiB"):
        read_texts(png_of(chunk(b"zTXt", b"a\0\0" + bomb)))
