"""Perceptual fingerprints: numbers that are nearly the same for pictures that look nearly the same. Pure.

Of two kinds of bits neither will do alone. Slow waves hardly notice compression, but two nights with the moon in about
the same place differ by 2 of 63 in them. Steps from place to place tell those apart.
"""

from __future__ import annotations

import math
from operator import lt, mul
from statistics import median
from typing import TYPE_CHECKING

from PIL import Image

from comfy_gen.validation.looking.visible import ranges, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

BITS = 127
NOTHING = 0
"""The fingerprint of a picture without anything large in it, which is like none."""
_SIDE = 32
"""Pixels to the side of the copy that the waves are of."""
_WAVES = 8
"""Of the slowest waves so many to each direction; the first, that does not move, is left out: 63 bits."""
_STEPS = 8
"""Steps in a row, and rows: 64 bits."""
_LEAST_CONTRAST = 8
"""Of 255: below, bits would come from grain."""
_COSINES = [
    [math.cos(math.pi * wave * (2 * place + 1) / (2 * _SIDE)) for place in range(_SIDE)] for wave in range(_WAVES)
]


def fingerprint_of(picture: Image.Image) -> int:
    """Return 127 bits; size, compression, brightness and a little noise change few of them."""
    grey = visible(picture).convert("L")
    small = _copy(grey, _SIDE, _SIDE)
    [(darkest, lightest)] = ranges(small)
    if lightest - darkest < _LEAST_CONTRAST:
        return NOTHING
    steps = _copy(grey, _STEPS + 1, _STEPS).tobytes()
    return _number([*_wave_bits(small.tobytes()), *_step_bits(steps)])


def _copy(grey: Image.Image, width: int, height: int) -> Image.Image:
    return grey.resize((width, height), Image.Resampling.BOX)


def _wave_bits(pixels: bytes) -> list[bool]:
    """Tell of each wave whether it is stronger than half of them: a discrete cosine transform, rows then columns."""
    rows = [pixels[start : start + _SIDE] for start in range(0, len(pixels), _SIDE)]
    across = [[sum(map(mul, cosine, row)) for row in rows] for cosine in _COSINES]
    waves = [sum(map(mul, cosine, column)) for column in across for cosine in _COSINES][1:]
    middle = median(waves)
    return [wave > middle for wave in waves]


def _step_bits(pixels: bytes) -> list[bool]:
    """Tell of each step to the right whether it gets lighter."""
    rows = [pixels[start : start + _STEPS + 1] for start in range(0, len(pixels), _STEPS + 1)]
    return [is_lighter for row in rows for is_lighter in map(lt, row, row[1:])]


def _number(bits: Iterable[bool]) -> int:
    return sum(1 << place for place, bit in enumerate(bits) if bit)
