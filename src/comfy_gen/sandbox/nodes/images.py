"""Image nodes that change pixels one picture at a time, done for real with Pillow. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops, ImageFilter, ImageOps

from comfy_gen.sandbox.pixels import recolour, resize

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from comfy_gen.sandbox.nodes.node import Node
    from comfy_gen.sandbox.values import Model, Pictures

RESAMPLING = {
    "nearest-exact": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "area": Image.Resampling.BOX,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "bislerp": Image.Resampling.BICUBIC,
}
"""Pillow's filter for each of ComfyUI's upscale methods."""


def empty(*, width: int, height: int, batch_size: int = 1, color: int = 0) -> tuple[Pictures]:
    """EmptyImage: one colour, given as 0xRRGGBB."""
    rgb = (color >> 16 & 255, color >> 8 & 255, color & 255)
    return ((Image.new("RGB", (width, height), rgb),) * batch_size,)


def resized(image: Pictures, size: tuple[int, int], method: str, crop: str = "disabled") -> Pictures:
    """Return the pictures in another size; ``crop="center"`` keeps their proportions and cuts what juts out."""
    how = RESAMPLING[method]
    if crop == "center":
        return tuple(ImageOps.fit(picture, size, how) for picture in image)
    return tuple(resize(picture, size, how) for picture in image)


def scale(*, image: Pictures, upscale_method: str, width: int, height: int, crop: str) -> tuple[Pictures]:
    """ImageScale: to a size; a side of 0 follows the other."""
    if width == 0 and height == 0:
        return (image,)
    across, down = image[0].size
    size = (width or max(1, round(across * height / down)), height or max(1, round(down * width / across)))
    return (resized(image, size, upscale_method, crop),)


def scale_by(*, image: Pictures, upscale_method: str, scale_by: float) -> tuple[Pictures]:
    """ImageScaleBy: by a factor."""
    width, height = image[0].size
    return (resized(image, (max(1, round(width * scale_by)), max(1, round(height * scale_by))), upscale_method),)


def scale_to_pixels(*, image: Pictures, upscale_method: str, megapixels: float, **_: Any) -> tuple[Pictures]:
    """ImageScaleToTotalPixels: keeps the proportions."""
    width, height = image[0].size
    factor = math.sqrt(megapixels * 1024 * 1024 / (width * height))
    return scale_by(image=image, upscale_method=upscale_method, scale_by=factor)


def scale_to_side(*, image: Pictures, upscale_method: str, largest_size: int) -> tuple[Pictures]:
    """ImageScaleToMaxDimension: keeps the proportions."""
    return scale_by(image=image, upscale_method=upscale_method, scale_by=largest_size / max(image[0].size))


def scale_for_kontext(*, image: Pictures) -> tuple[Pictures]:
    """FluxKontextImageScale: about one megapixel, in sizes that such models like."""
    width, height = image[0].size
    factor = math.sqrt(1024 * 1024 / (width * height))
    size = (max(16, round(width * factor / 16) * 16), max(16, round(height * factor / 16) * 16))
    return (resized(image, size, "lanczos", "center"),)


def resize_and_pad(
    *, image: Pictures, target_width: int, target_height: int, padding_color: str, interpolation: str
) -> tuple[Pictures]:
    """ResizeAndPadImage: fits into a size and fills the rest."""
    width, height = image[0].size
    factor = min(target_width / width, target_height / height)
    inner = max(1, int(width * factor)), max(1, int(height * factor))
    corner = (target_width - inner[0]) // 2, (target_height - inner[1]) // 2
    padded: list[Image.Image] = []
    for picture in resized(image, inner, interpolation):
        canvas = Image.new("RGB", (target_width, target_height), padding_color)
        canvas.paste(picture, corner)
        padded.append(canvas)
    return (tuple(padded),)


def invert(*, image: Pictures) -> tuple[Pictures]:
    """ImageInvert."""
    return (tuple(ImageChops.invert(picture) for picture in image),)


_BLENDS: Mapping[str, Callable[[Image.Image, Image.Image], Image.Image]] = {
    "normal": lambda _, second: second,
    "multiply": ImageChops.multiply,
    "screen": ImageChops.screen,
    "overlay": ImageChops.overlay,
    "soft_light": ImageChops.soft_light,
}


def blend(*, image1: Pictures, image2: Pictures, blend_factor: float, blend_mode: str) -> tuple[Pictures]:
    """ImageBlend: the second is brought to the first one's size."""
    second = resized(image2, image1[0].size, "bicubic", "center")
    count = max(len(image1), len(second))
    pairs = ((image1[k % len(image1)].convert("RGB"), second[k % len(second)].convert("RGB")) for k in range(count))
    return (tuple(_blended(one, two, blend_factor, blend_mode) for one, two in pairs),)


def _blended(first: Image.Image, second: Image.Image, factor: float, mode: str) -> Image.Image:
    if mode == "difference":  # the first minus the second, which may be below 0 until the two are mixed
        return ImageChops.subtract(first, recolour(second, lambda value: value * factor))
    return Image.blend(first, _BLENDS[mode](first, second), factor)


def blur(*, image: Pictures, blur_radius: int, sigma: float) -> tuple[Pictures]:
    """ImageBlur."""
    softness = ImageFilter.GaussianBlur(_deviation(blur_radius, sigma))
    return (tuple(picture.filter(softness) for picture in image),)


def _deviation(radius: int, sigma: float) -> float:
    """Return the standard deviation of a Gaussian that ends at ``radius``, with ``sigma`` in radii, not in pixels."""
    end = 1 / sigma
    inside = math.erf(end / math.sqrt(2))
    density = math.exp(-end * end / 2) / math.sqrt(math.tau)
    return radius * sigma * math.sqrt(max(0.0, 1 - 2 * end * density / inside))


def sharpen(*, image: Pictures, sharpen_radius: int, sigma: float, alpha: float) -> tuple[Pictures]:
    """ImageSharpen."""
    mask = ImageFilter.UnsharpMask(_deviation(sharpen_radius, sigma), percent=round(alpha * 1000), threshold=0)
    return (tuple(picture.filter(mask) for picture in image),)


def quantize(*, image: Pictures, colors: int, dither: str) -> tuple[Pictures]:
    """ImageQuantize: to so many colours."""
    how = Image.Dither.NONE if dither == "none" else Image.Dither.FLOYDSTEINBERG
    return (tuple(picture.convert("RGB").quantize(colors, dither=how).convert("RGB") for picture in image),)


def flip(*, image: Pictures, flip_method: str) -> tuple[Pictures]:
    """ImageFlip."""
    turn = ImageOps.flip if flip_method.startswith("x") else ImageOps.mirror
    return (tuple(turn(picture) for picture in image),)


def rotate(*, image: Pictures, rotation: str) -> tuple[Pictures]:
    """ImageRotate: clockwise."""
    degrees = 0 if rotation == "none" else int(rotation.partition(" ")[0])
    return (tuple(picture.rotate(-degrees, expand=True) for picture in image),)


def edges(*, image: Pictures, **_: Any) -> tuple[Pictures]:
    """Canny: white lines where the picture changes; Pillow's own edge filter stands in for the algorithm."""
    found = (picture.convert("L").filter(ImageFilter.FIND_EDGES) for picture in image)
    return (tuple(recolour(lines, lambda value: 255 if value > 40 else 0).convert("RGB") for lines in found),)


def upscale(*, upscale_model: Model, image: Pictures) -> tuple[Pictures]:
    """ImageUpscaleWithModel: by the factor that the model's name says, 4 when it says none."""
    name = upscale_model.name.lower()
    factor = next((number for number in (8, 4, 3, 2, 1) if f"{number}x" in name or f"x{number}" in name), 4)
    return scale_by(image=image, upscale_method="lanczos", scale_by=factor)


NODES: Mapping[str, Node] = {
    "EmptyImage": empty,
    "ImageScale": scale,
    "ImageScaleBy": scale_by,
    "ImageScaleToTotalPixels": scale_to_pixels,
    "ImageScaleToMaxDimension": scale_to_side,
    "FluxKontextImageScale": scale_for_kontext,
    "ResizeAndPadImage": resize_and_pad,
    "ImageInvert": invert,
    "ImageBlend": blend,
    "ImageBlur": blur,
    "ImageSharpen": sharpen,
    "ImageQuantize": quantize,
    "ImageFlip": flip,
    "ImageRotate": rotate,
    "Canny": edges,
    "ImageUpscaleWithModel": upscale,
}
