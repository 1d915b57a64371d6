"""Pictures to upload, and what to look for in those that come back."""

from __future__ import annotations

import io

from PIL import Image


def png(colour: tuple[int, ...] = (200, 100, 50), size: tuple[int, int] = (64, 64)) -> bytes:
    """Return a plain picture; four numbers for a colour make it transparent."""
    buffer = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def opened(content: bytes) -> Image.Image:
    """Return a picture, fully read."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image
