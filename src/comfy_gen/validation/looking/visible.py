"""What is visible of a picture, whatever mode it is kept in: opaque, in eight bits, and no larger than need be."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PIL import Image, ImageStat

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAMES = 3
"""Of an animation so many are looked at: the first, the last, and between them."""
_MIDDLE = 128
_CLEAR_SIDE = 1024
"""A larger picture that something shines through is reduced: three copies of it are needed."""
_TOPS = (255, 65535)
"""The lightest value of a picture with one channel of numbers is the first that none of its own exceeds."""


def frames(picture: Image.Image) -> Iterator[Image.Image]:
    """Yield a picture's frames to look at, each while the picture is at it; then it is where it was."""
    count = int(getattr(picture, "n_frames", 1))
    if count == 1:
        yield picture
        return
    before = picture.tell()
    try:
        for frame in sorted({(count - 1) * part // (FRAMES - 1) for part in range(FRAMES)}):
            picture.seek(frame)
            yield picture
    finally:
        picture.seek(before)
        picture.load()


def visible(picture: Image.Image) -> Image.Image:
    """Return the picture in ``L`` or ``RGB``: itself, where it is in one of them and nothing shines through.

    What is transparent gets white or black behind it, whichever is farther from what is drawn: a black drawing is
    not lost on black, nor a white one on white.
    """
    if is_opaque(picture):
        return _without_alpha(picture)
    clear = reduced(_with_alpha(picture), _CLEAR_SIDE)
    alpha = clear.getchannel("A")
    drawn = ImageStat.Stat(clear.convert("L"), mask=alpha.point(lambda value: 255 if value else 0))
    is_dark = drawn.count[0] and drawn.mean[0] < _MIDDLE
    ground = Image.new("RGB", clear.size, "white" if is_dark else "black")
    ground.paste(clear.convert("RGB"), mask=alpha)
    return ground


def is_opaque(picture: Image.Image) -> bool:
    """Tell whether nothing of the picture is transparent."""
    return not picture.has_transparency_data or ranges(_with_alpha(picture).getchannel("A")) == [(255, 255)]


def is_clear(picture: Image.Image) -> bool:
    """Tell whether nothing of the picture is visible."""
    return picture.has_transparency_data and ranges(_with_alpha(picture).getchannel("A")) == [(0, 0)]


def reduced(picture: Image.Image, side: int) -> Image.Image:
    """Return a copy whose longer side has at most so many pixels, of any mode with a channel for each colour.

    Each of its pixels is the mean of those that it stands for, so that what is fine becomes grey and not a pattern.
    """
    factor = -(-max(picture.size) // side)
    return picture.reduce(factor)


def ranges(picture: Image.Image) -> list[tuple[float, float]]:
    """Return the darkest and the lightest of each channel."""
    extrema = picture.getextrema()
    if isinstance(extrema[0], tuple):
        return list(cast("tuple[tuple[float, float], ...]", extrema))
    return [cast("tuple[float, float]", extrema)]


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Return one channel of numbers as it is shown: Pillow itself would cut them off at 255."""
    numbers = picture if picture.mode in {"I", "F"} else picture.convert("I")
    most = ranges(numbers)[0][1]
    top = next((top for top in _TOPS if most <= top), most)
    return numbers.point(lambda value: value * (255 / top) + 0).convert("L")


def _with_alpha(picture: Image.Image) -> Image.Image:
    straight = picture.convert("LA") if picture.mode == "La" else picture  # Pillow converts it to nothing else
    return straight if straight.mode == "RGBA" else straight.convert("RGBA")


def _without_alpha(picture: Image.Image) -> Image.Image:
    if picture.mode in {"L", "RGB"}:
        return picture  # what one of its colours stands for may be transparent, and none has it
    if picture.mode[0] in {"I", "F"}:
        return _in_eight_bits(picture)
    if picture.has_transparency_data:
        return _with_alpha(picture).convert("RGB")
    return picture.convert("L" if picture.mode == "1" else "RGB")
