"""Makes the small picture that stands for a large one in lists. Pure."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import ImageOps

if TYPE_CHECKING:
    from PIL import Image

SIDE = 256
"""Pixels at most, of the longer side."""
SUFFIX = ".webp"
MEDIA_TYPE = "image/webp"


def thumbnail(image: Image.Image) -> bytes:
    """Return a picture, or the frame that an animation is at, as a small WebP; nothing is made larger."""
    upright = ImageOps.exif_transpose(image)
    plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    plain.thumbnail((SIDE, SIDE))
    target = io.BytesIO()
    plain.save(target, "WEBP", quality=80)
    return target.getvalue()
