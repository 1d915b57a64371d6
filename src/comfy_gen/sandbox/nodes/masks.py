"""Mask nodes, done for real with Pillow: a mask is a greyscale picture, white where it is 1. Pure."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter

from comfy_gen.sandbox.pixels import recolour, resize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from comfy_gen.sandbox.nodes.node import Node
    from comfy_gen.sandbox.values import Masks, Pictures


def solid(*, value: float, width: int, height: int) -> tuple[Masks]:
    """SolidMask."""
    return ((Image.new("L", (width, height), round(255 * value)),),)


def invert(*, mask: Masks) -> tuple[Masks]:
    """InvertMask."""
    return (tuple(ImageChops.invert(one) for one in mask),)


def to_image(*, mask: Masks) -> tuple[Pictures]:
    """MaskToImage."""
    return (tuple(one.convert("RGB") for one in mask),)


def from_image(*, image: Pictures, channel: str) -> tuple[Masks]:
    """ImageToMask: one channel of the picture."""
    return (tuple(picture.convert("RGBA").getchannel(channel[0].upper()) for picture in image),)


def from_color(*, image: Pictures, color: int) -> tuple[Masks]:
    """ImageColorToMask: white where the picture has exactly this colour."""
    rgb = (color >> 16 & 255, color >> 8 & 255, color & 255)
    return (tuple(_where(picture.convert("RGB"), rgb) for picture in image),)


def _where(picture: Image.Image, rgb: tuple[int, int, int]) -> Image.Image:
    apart = ImageChops.difference(picture, Image.new("RGB", picture.size, rgb))
    red, green, blue = apart.split()
    furthest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return recolour(furthest, lambda value: 0 if value else 255)


def crop(*, mask: Masks, x: int, y: int, width: int, height: int) -> tuple[Masks]:
    """CropMask."""
    return (tuple(one.crop((x, y, min(x + width, one.width), min(y + height, one.height))) for one in mask),)


_OPERATIONS: Mapping[str, Callable[[Image.Image, Image.Image], Image.Image]] = {
    "multiply": ImageChops.multiply,
    "add": ImageChops.add,
    "subtract": ImageChops.subtract,
    "and": ImageChops.darker,
    "or": ImageChops.lighter,
    "xor": ImageChops.difference,
}
_LOGICAL = frozenset({"and", "or", "xor"})


def _rounded(mask: Image.Image) -> Image.Image:
    return recolour(mask, lambda level: 255 if level > 127 else 0)


def composite(*, destination: Masks, source: Masks, x: int, y: int, operation: str) -> tuple[Masks]:
    """MaskComposite: the source at a place of the destination."""
    made: list[Image.Image] = []
    for k, below in enumerate(destination):
        above = source[k % len(source)]
        canvas = below.copy()
        box = (x, y, min(x + above.width, below.width), min(y + above.height, below.height))
        pair = below.crop(box), above.crop((0, 0, box[2] - x, box[3] - y))
        if operation in _LOGICAL:
            pair = _rounded(pair[0]), _rounded(pair[1])
        canvas.paste(_OPERATIONS[operation](*pair), (x, y))
        made.append(canvas)
    return (tuple(made),)


def grow(*, mask: Masks, expand: int, tapered_corners: bool) -> tuple[Masks]:
    """GrowMask: by so many pixels, or shrinks it when that is below 0; tapered it goes on along the axes only."""
    return (tuple(_grown(one, expand, tapered=tapered_corners) for one in mask),)


def _grown(mask: Image.Image, expand: int, *, tapered: bool) -> Image.Image:
    pick = ImageChops.lighter if expand > 0 else ImageChops.darker
    whole = ImageFilter.MaxFilter(3) if expand > 0 else ImageFilter.MinFilter(3)
    for _ in range(abs(expand)):
        mask = reduce(pick, _neighbours(mask), mask) if tapered else mask.filter(whole)
    return mask


def _neighbours(mask: Image.Image) -> Iterator[Image.Image]:
    for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        moved = mask.copy()
        moved.paste(mask, (x, y))
        yield moved


def feather(*, mask: Masks, left: int, top: int, right: int, bottom: int) -> tuple[Masks]:
    """FeatherMask: fades towards these edges."""
    return (tuple(ImageChops.multiply(one, _fade(one.size, (left, top, right, bottom))) for one in mask),)


def _fade(size: tuple[int, int], widths: tuple[int, int, int, int]) -> Image.Image:
    left, top, right, bottom = widths
    across = resize(Image.frombytes("L", (size[0], 1), _ramp(size[0], left, right)), size)
    down = resize(Image.frombytes("L", (1, size[1]), _ramp(size[1], top, bottom)), size)
    return ImageChops.multiply(across, down)


def _ramp(length: int, first: int, last: int) -> bytes:
    return bytes(
        round(255 * min(1.0, (k + 1) / first if first else 1.0, (length - k) / last if last else 1.0))
        for k in range(length)
    )


def threshold(*, mask: Masks, value: float) -> tuple[Masks]:
    """ThresholdMask: white above the value, black else."""
    limit = 255 * value
    return (tuple(recolour(one, lambda level: 255 if level > limit else 0) for one in mask),)


NODES: Mapping[str, Node] = {
    "SolidMask": solid,
    "InvertMask": invert,
    "MaskToImage": to_image,
    "ImageToMask": from_image,
    "ImageColorToMask": from_color,
    "CropMask": crop,
    "MaskComposite": composite,
    "GrowMask": grow,
    "FeatherMask": feather,
    "ThresholdMask": threshold,
}
