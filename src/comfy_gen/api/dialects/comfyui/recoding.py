"""Makes of a picture what ``/view`` is asked for beside it: a lighter one, or one of its channels. Blocks."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from comfy_gen.errors import InputImageError
from comfy_gen.pipeline.preprocess import open_picture

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUALITY = 90


class Recoded(NamedTuple):
    """A picture that was made of another."""

    content: bytes
    media_type: str


def is_recoding(asked: Mapping[str, str]) -> bool:
    """Tell whether another picture is wanted than the one that is there."""
    return "preview" in asked or asked.get("channel") in {"rgb", "a"}


def recoded(content: bytes, asked: Mapping[str, str], *, source: str) -> Recoded:
    """Return the picture that is asked for by ``preview`` (``webp`` or ``jpeg;80``) and ``channel``.

    Raises:
        InputImageError: it is no picture, is damaged, or cannot be written that way.
    """
    image, channel = open_picture(content, source=source), asked.get("channel", "")
    try:
        if "preview" in asked:
            return _preview(image, asked["preview"], channel)
        return _saved(_without_alpha(image) if channel == "rgb" else _alpha_alone(image), "png")
    except (OSError, ValueError) as error:  # a format has its limits
        raise InputImageError(source, str(error)) from error


def with_alpha_of(mask: bytes, original: bytes) -> bytes:
    """Return a PNG of the original with the mask's transparency, and with the texts that were in it.

    Raises:
        InputImageError: one of them is no picture, or they are not of the same size.
    """
    image, transparency = open_picture(original, source="the original"), open_picture(mask, source="the mask")
    texts: Mapping[str, Any] = getattr(image, "text", {})
    painted = image.convert("RGBA")
    try:
        painted.putalpha(transparency.convert("RGBA").getchannel("A"))
    except ValueError as error:
        raise InputImageError("the mask", "it has not the size of the picture that it is for") from error
    return _saved(painted, "png", pnginfo=_noted(texts), compress_level=4).content


def _preview(image: Image.Image, said: str, channel: str) -> Recoded:
    kind, *rest = said.split(";")
    if kind not in {"webp", "jpeg"} or "a" in channel:
        kind = "webp"
    quality = int(rest[-1]) if rest and rest[-1].isdecimal() else _QUALITY
    flat = image.convert("RGB") if kind == "jpeg" or channel == "rgb" else image
    return _saved(flat, kind, quality=min(max(quality, 1), 100))


def _without_alpha(image: Image.Image) -> Image.Image:
    return Image.merge("RGB", image.split()[:3]) if image.mode == "RGBA" else image.convert("RGB")


def _alpha_alone(image: Image.Image) -> Image.Image:
    """Return a black picture with the transparency of this one."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else Image.new("L", image.size, 255)
    black = Image.new("RGBA", image.size)
    black.putalpha(alpha)
    return black


def _saved(image: Image.Image, kind: str, **options: Any) -> Recoded:
    target = io.BytesIO()
    image.save(target, format=kind.upper(), **options)
    return Recoded(target.getvalue(), f"image/{kind}")


def _noted(texts: Mapping[str, Any]) -> PngInfo:
    info = PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    return info
