from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from comfy_gen.mcp import pictures
from comfy_gen.mcp.pictures import LONGEST_SIDE, fit


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture that hardly gets smaller by being encoded."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, (width, height), random.Random(1).randbytes(width * height * bands))


def encoded(picture: Image.Image, kind: str = "PNG", **more: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **more)
    return file.getvalue()


def opened(found: tuple[bytes, str] | None) -> Image.Image:
    assert found is not None
    picture = Image.open(io.BytesIO(found[0]))
    assert picture.get_format_mimetype() == found[1]
    return picture


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_a_picture_that_is_small_enough_is_left_as_it_is(kind: str, media_type: str) -> None:
    content = encoded(Image.new("RGB", (64, 64), "teal"), kind)
    assert fit(content, 10_000) == (content, media_type)


@pytest.mark.parametrize("budget", [200_000, 50_000, 10_000, 2_000])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
def test_a_large_one_is_made_to_fit(mode: str, budget: int) -> None:
    found = fit(encoded(noise(700, 500, mode)), budget)
    picture = opened(found)
    assert found is not None
    assert len(found[0]) <= budget
    assert picture.width > picture.height
    assert ("A" in picture.getbands()) == ("A" in mode)


def test_a_wide_one_is_made_narrower_however_few_bytes_it_has() -> None:
    picture = opened(fit(encoded(Image.new("RGB", (4096, 2048), "teal")), 400_000))
    assert picture.size == (LONGEST_SIDE, LONGEST_SIDE // 2)


def test_a_palette_with_a_transparent_color_stays_transparent() -> None:
    content = encoded(Image.new("P", (2000, 20)), "GIF", transparency=0)
    assert opened(fit(content, 10_000)).mode == "RGBA"


def test_another_format_becomes_one_that_every_client_shows() -> None:
    assert opened(fit(encoded(Image.new("RGB", (64, 64), "teal"), "BMP"), 100_000)).format == "JPEG"


def test_one_that_lies_on_its_side_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encoded(Image.new("RGB", (2000, 1000)), "JPEG", exif=exif.tobytes())
    assert opened(fit(content, 100_000)).size == (LONGEST_SIDE // 2, LONGEST_SIDE)


def test_a_picture_of_16_bits_keeps_its_greys() -> None:
    picture = opened(fit(encoded(Image.new("I;16", (1200, 20), 0x8000)), 10_000))
    assert picture.convert("L").getextrema() == (0x80, 0x80)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x00\x00\x00\x18ftypmp42", b"\x89PNG\r\n\x1a\n\x00\x00\x00"])
def test_what_is_no_picture_is_none(content: bytes) -> None:
    assert fit(content, 10_000) is None


def test_one_that_is_cut_off_is_none() -> None:
    content = encoded(noise(200, 200))
    assert fit(content[: len(content) // 2], 1_000_000) is None


def test_one_that_would_fill_the_memory_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert fit(encoded(Image.new("RGB", (12, 12))), 10_000) is None
    assert fit(encoded(Image.new("RGB", (64, 64))), 10_000) is None


def test_where_nothing_fits_there_is_none() -> None:
    assert fit(encoded(noise(64, 64)), 10) is None


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "CMYK"])
def test_a_large_one_is_made_small_before_it_is_copied(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[tuple[int, int]] = []
    copy = Image.Image.copy

    def watched(self: Image.Image) -> Image.Image:
        copied.append(self.size)
        return copy(self)

    content = encoded(Image.new(mode, (4000, 3000)), "TIFF")
    monkeypatch.setattr(Image.Image, "copy", watched)
    assert fit(content, 100_000)
    assert copied
    assert max(max(size) for size in copied) <= 2 * LONGEST_SIDE


def test_one_of_too_many_pixels_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 99)
    assert fit(encoded(Image.new("RGB", (10, 10))), 10_000) is None
