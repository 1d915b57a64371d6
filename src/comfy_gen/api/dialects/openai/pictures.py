"""Makes the pictures of a request fit for a workflow: their size, and what a mask says. Pure, and blocks."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image, ImageOps

from comfy_gen.errors import InvalidParameterError
from comfy_gen.pipeline.preprocess import fit, open_picture

if TYPE_CHECKING:
    from comfy_gen.pipeline.preprocess import Size

LARGEST = 1536 * 1024
"""Pixels: the largest that OpenAI's clients are used to. More takes minutes, or more memory than there is."""
_STEP = 8
"""Pixels that one of a latent stands for."""


class Fitted(NamedTuple):
    """What a workflow is given."""

    picture: bytes
    mask: bytes | None
    """White where the picture is to be painted over."""


def fitted(picture: bytes, mask: bytes | None, size: Size | None) -> Fitted:
    """Return a picture and its mask in the wanted size, the excess cut off on both sides; without one as they are.

    Raises:
        InputImageError: one is no picture, or damaged.
        InvalidParameterError: the mask has another size than the picture, or nothing is transparent in it.
    """
    image = _upright(picture, "image")
    fits = size is None or image.size == size
    return Fitted(
        picture if fits else _png(fit(image, size, "cover")),
        None
        if mask is None
        else _png(fit(_painted_over(_upright(mask, "mask"), image.size), size, "cover" if size else None)),
    )


def own_size(picture: bytes) -> Size | None:
    """Return the size to work in where nobody named one: None for the picture's own, less for one that is too large.

    Raises:
        InputImageError: it is no picture, or damaged.
    """
    width, height = _upright(picture, "image").size
    if width * height <= LARGEST:
        return None
    scale = math.sqrt(LARGEST / (width * height))
    return _side(width * scale), _side(height * scale)


def is_cut_out(picture: bytes) -> bool:
    """Tell whether parts of a picture are transparent.

    Raises:
        InputImageError: it is no picture, or damaged.
    """
    return _least_alpha(_upright(picture, "image")) == 0


def _painted_over(mask: Image.Image, size: Size) -> Image.Image:
    """Return a mask as ComfyUI has it: OpenAI's is transparent where the picture is to be painted over."""
    if mask.size != size:
        said = f"{mask.width}x{mask.height} pixels"
        raise InvalidParameterError("mask", said, f"as large as the image, {size[0]}x{size[1]}")
    if _least_alpha(mask) == 255:
        raise InvalidParameterError("mask", "opaque", "transparent where the image is to be painted over")
    return ImageOps.invert(mask.convert("RGBA").getchannel("A")).convert("RGB")


def _least_alpha(image: Image.Image) -> int:
    if not image.has_transparency_data:
        return 255
    used = image.convert("RGBA").getchannel("A").histogram()
    return next(value for value, count in enumerate(used) if count)


def _upright(content: bytes, name: str) -> Image.Image:
    """Return a picture as it is shown, and as ComfyUI loads it."""
    return ImageOps.exif_transpose(open_picture(content, source=name))


def _side(length: float) -> int:
    return max(math.floor(length / _STEP) * _STEP, _STEP)


def _png(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "PNG", compress_level=1)
    return target.getvalue()
