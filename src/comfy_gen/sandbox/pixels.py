"""The two operations on pictures whose types Pillow leaves open, with closed ones. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable


def resize(
    picture: Image.Image, size: tuple[int, int], how: Image.Resampling = Image.Resampling.BICUBIC
) -> Image.Image:
    """Return the picture in another size."""
    # Pillow's annotation names numpy's arrays, and numpy is not installed.
    return picture.resize(size, how)  # pyright: ignore[reportUnknownMemberType]


def recolour(picture: Image.Image, shade: Callable[[int], float]) -> Image.Image:
    """Return the picture with each value of each channel, 0 to 255, replaced by its ``shade``."""
    table = [round(shade(value)) for value in range(256)] * len(picture.getbands())
    return picture.point(table)  # pyright: ignore[reportUnknownMemberType]
