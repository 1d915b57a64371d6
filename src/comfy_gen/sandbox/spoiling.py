"""Pictures that went wrong: what a VAE in half precision makes of numbers that are none. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from PIL import Image

from comfy_gen.sandbox.faults import Kind
from comfy_gen.sandbox.values import Video

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TILES = 4
"""Blocks are a quarter as wide and as high as their picture."""
_LOST = ((1, 1), (2, 2))
"""The tiles that are lost: columns and rows from 0."""


def black(picture: Image.Image) -> Image.Image:
    """Return a black picture in the place of another; NaN becomes 0 when ComfyUI writes pixels as bytes."""
    return Image.new("RGB", picture.size)


def with_blocks(picture: Image.Image) -> Image.Image:
    """Return a picture some of whose tiles are black."""
    wide, high = (max(1, side // _TILES) for side in picture.size)
    damaged = picture.convert("RGB")
    for column, row in _LOST:
        damaged.paste((0, 0, 0), (column * wide, row * high, (column + 1) * wide, (row + 1) * high))
    return damaged


def spoiled(value: object, spoil: Callable[[Image.Image], Image.Image]) -> object:
    """Return a node's input with its pictures spoiled; what is none is returned as it is."""
    if isinstance(value, Video):
        return replace(value, frames=tuple(spoil(frame) for frame in value.frames))
    if isinstance(value, tuple):
        return tuple(spoiled(one, spoil) for one in cast("tuple[Any, ...]", value))
    return spoil(value) if isinstance(value, Image.Image) else value


SPOILERS: Mapping[Kind, Callable[[Image.Image], Image.Image]] = {
    Kind.BLACK_PICTURES: black,
    Kind.NAN_BLOCKS: with_blocks,
}
"""What each fault makes of a picture."""
