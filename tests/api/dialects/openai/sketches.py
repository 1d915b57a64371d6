"""Small pictures to send along, and what is in those, or in errors, that come back."""

from __future__ import annotations

import base64
import io

from PIL import Image

HOLE = (64, 64, 128, 128)
"""Where a mask says that a picture is to be painted over."""


def picture(size=(256, 256), color="teal", kind="PNG", **options):
    """Return a picture of one colour."""
    content = io.BytesIO()
    Image.new("RGB", size, color).save(content, kind, **options)
    return content.getvalue()


def mask(size=(256, 256), hole=HOLE):
    """Return a mask of OpenAI's: transparent where the picture is to be painted over."""
    image = Image.new("RGBA", size, "white")
    image.paste((0, 0, 0, 0), hole)
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def own_in(error):
    """Return what an error tells in the service's own words."""
    return error.body["comfygen"]


def opened(content):
    """Return a picture, from its bytes or from base64."""
    return Image.open(io.BytesIO(base64.b64decode(content) if isinstance(content, str) else content))
