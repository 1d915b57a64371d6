"""Measures how sharp the sharpest parts of a picture are, whatever it shows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import ImageChops, ImageFilter

from comfy_gen.validation.looking.visible import reduced

if TYPE_CHECKING:
    from PIL import Image

SIDE = 512
"""Pixels of the longer side that a picture is reduced to at most, by a whole number: to 257 or more, but for one that
had less. What is soft even so is blurred, at whatever size it was made; a softness that only shows in the single pixels
of a large picture is none."""
_LEAST_SIDE = 256
"""Pixels of the longer side, below which nothing is said: a coarse blur would change a slow gradient, too."""
_FINE, _COARSE = 1.0, 8.0
"""Radii of the two blurs that a picture is compared with."""
_SHARP_SHARE = 0.0002
"""Of the pixels: so few of them being sharp will do, 50 in all. Of a portrait with a soft background or of a moon over
hills hardly more may be."""


def sharpness(shown: Image.Image) -> tuple[float, float]:
    """Return how sharp the strongest edges are, from 0 to about 1, and how visible they are, to 255.

    A fine blur takes much off a sharp edge and nothing off a soft one, a coarse blur takes off both: so what the one
    changes is divided by what the other does, and how strong the edge is cancels out.
    """
    grey = reduced(shown.convert("L"), SIDE)
    fine, coarse = (_strongest_change(grey, radius) for radius in (_FINE, _COARSE))
    return (fine / coarse if coarse else 0.0), (coarse if max(shown.size) >= _LEAST_SIDE else 0.0)


def _strongest_change(grey: Image.Image, radius: float) -> float:
    """Return what a blur changes at least in the pixels that it changes most."""
    changes = ImageChops.difference(grey, grey.filter(ImageFilter.GaussianBlur(radius))).histogram()
    left = grey.width * grey.height * _SHARP_SHARE
    for change in range(255, 0, -1):
        left -= changes[change]
        if left <= 0:
            return float(change)
    return 0.0
