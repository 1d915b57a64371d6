"""Makes pictures small enough to be sent along with an answer. Pure, but slow: for a thread."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

LONGEST_SIDE = 1024
MOST_PIXELS = 80_000_000
"""Of a picture that is decoded: some 300 MB."""
_SHRUNK = frozenset({"L", "LA", "RGB", "RGBA", "CMYK"})
"""Kinds of pictures that are made small in their place, before anything is copied."""
_SHAPES = ((LONGEST_SIDE, 90), (LONGEST_SIDE, 75), (768, 75), (512, 70), (384, 65), (256, 60), (128, 50), (64, 40))
"""Longest side and quality, from the best on."""
_PLAIN = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
"""Formats that every client shows."""


def fit(content: bytes, budget: int) -> tuple[bytes, str] | None:
    """Return a picture of at most ``budget`` bytes with its media type; None for what is no picture.

    One that is small enough already is returned as it is.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    return None
                return _fitted(content, picture, budget)
    # What Pillow raises for broken files is not drawn up anywhere: these are what its readers are known to raise.
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


def _fitted(content: bytes, picture: Image.Image, budget: int) -> tuple[bytes, str] | None:
    if picture.format in _PLAIN and len(content) <= budget and max(picture.size) <= LONGEST_SIDE:
        picture.load()
        return content, _PLAIN[picture.format]
    if picture.mode in _SHRUNK:
        picture.thumbnail((2 * LONGEST_SIDE, 2 * LONGEST_SIDE), Image.Resampling.LANCZOS)
    upright = _of_8_bits(ImageOps.exif_transpose(picture))
    has_alpha = upright.has_transparency_data
    plain = upright.convert("RGBA" if has_alpha else "RGB")
    for side, quality in _SHAPES:
        smaller = _encoded(plain, side, quality)
        if len(smaller) <= budget:
            return smaller, "image/webp" if has_alpha else "image/jpeg"
    return None


def _of_8_bits(picture: Image.Image) -> Image.Image:
    """Return a grey picture of 16 bits, such as a depth map, with 8: Pillow would clip it to white."""
    if not picture.mode.startswith("I"):
        return picture
    return picture.point(lambda value: value / 256).convert("L")


def _encoded(picture: Image.Image, side: int, quality: int) -> bytes:
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "WEBP" if small.mode == "RGBA" else "JPEG", quality=quality)
    return file.getvalue()
