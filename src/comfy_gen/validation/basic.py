"""Looks at pictures without a model, and finds what is broken beyond question: black, blank, dead or blurred ones.

The limits are drawn so that what is honest passes: a night with stars, snow, fog, a small drawing on white. They were
measured on photographs, drawings, what a real ComfyUI and the sandbox paint, and all of those damaged on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import ImageStat

from comfy_gen.validation.looking.dead_blocks import dead_share
from comfy_gen.validation.looking.fingerprint import BITS, NOTHING
from comfy_gen.validation.looking.sharpness import sharpness
from comfy_gen.validation.looking.visible import frames, is_clear, is_opaque, ranges, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

LIGHTEST_BLACK = 12
"""Of 255, in any colour: darker than this no screen shows a difference. One star makes a night."""
DARKEST_WHITE = 248
"""Of 255: a pencil line on paper is far darker, and so is the lightest snow's shadow."""
LEAST_RANGE = 8
"""Between the darkest and the lightest of a colour: a flat picture with the grain of a lossy format has less."""
LEAST_DEVIATION = 1.2
"""In the whole picture: a dot of 14 pixels on a megapixel of white has 3, a night with 70 single stars 1.6, a spoiled
pixel on grey 0.2."""
MOST_DEAD = 0.0
"""Of the picture: any block will do, for what it takes to be one is strict."""
LEAST_SHARPNESS = 0.1
"""The softest honest picture, cells under a microscope, has 0.127, and a portrait with little in focus 0.29; blurred by
a radius of 1/125 of the longer side, the sharpest has 0.088."""
LEAST_SIGHT = 12
"""Of 255, what a coarse blur must change: gradients, fog and pastels have no edges that could be sharp."""
LEAST_DISTANCE = 11
"""Of 127 bits. The same picture in half its size or as a JPEG of quality 80 differed by up to 10, pictures of one
prompt with several seeds by 18 and more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says of a picture."""

    check: str
    passed: bool
    figure: float
    """What was measured; it is told where another check has the fault already, too."""
    limit: float
    """Where the fault begins."""
    reason: str = ""
    """Why it did not pass."""


def findings_of(picture: Image.Image, *, size: tuple[int, int] | None = None) -> tuple[Finding, ...]:
    """Return what each check says of a decoded picture, or an animation; blocks.

    An animation may begin in black: it has a fault if each of its frames that are looked at has. Dead blocks belong
    into none of them.

    Args:
        picture: of any mode, its first frame decoded; an animation stays where it was.
        size: what was asked for, where that is known.
    """
    try:
        looks = [_look(frame) for frame in frames(picture)]
    except (OSError, EOFError, SyntaxError, ValueError):  # Pillow's ways to say that a later frame is damaged
        return (_finding("undecodable", 1.0, 0.0, "it breaks off before its last frame", has_fault=True),)
    found = [_of_all_frames(findings) for findings in zip(*looks, strict=True)]
    sizes = [] if size is None else [_size(picture, size)]
    return (_finding("undecodable", 0.0, 0.0, "", has_fault=False), *sizes, *found)


def likenesses(fingerprints: Sequence[int]) -> list[Finding]:
    """Return a finding for each picture of a batch: the later one of two that are alike has the fault."""
    return [_likeness(one, fingerprints[:place]) for place, one in enumerate(fingerprints)]


def _size(picture: Image.Image, size: tuple[int, int]) -> Finding:
    """Compare sizes; the figure is how many pixels the side is off that is off the most."""
    off = max(abs(is_ - asked) for is_, asked in zip(picture.size, size, strict=True))
    reason = f"it is {picture.width}x{picture.height} pixels, not {size[0]}x{size[1]} as asked for"
    return _finding("size", float(off), 0.0, reason, has_fault=off > 0)


def _look(frame: Image.Image) -> list[Finding]:
    """Return what is to be said of a frame.

    A fault has one name: a black picture is not single-coloured as well, and what shows nothing is blank.
    """
    shown = visible(frame)
    kinds = [*_lightness(shown), _variation(shown), _dead(frame, shown), _blur(shown)]
    faults = [one for one in kinds if not one.passed and (one.check == "blank" or not is_clear(frame))]
    fault = faults[0] if faults else None
    return [one if one is fault else _passed(one) for one in kinds]


def _lightness(shown: Image.Image) -> list[Finding]:
    extremes = ranges(shown)
    lightest, darkest = float(max(most for _, most in extremes)), float(min(least for least, _ in extremes))
    spread = float(max(most - least for least, most in extremes))
    black = f"it is almost black: nothing in it is lighter than {lightest:g} of 255, and {LIGHTEST_BLACK} is the least"
    white = f"it is almost white: nothing in it is darker than {darkest:g} of 255, and {DARKEST_WHITE} is the most"
    single = f"it has a single colour: no two of its pixels differ by more than {spread:g} of 255, below {LEAST_RANGE}"
    return [
        _finding("black", lightest, LIGHTEST_BLACK, black, has_fault=lightest < LIGHTEST_BLACK),
        _finding("white", darkest, DARKEST_WHITE, white, has_fault=darkest > DARKEST_WHITE),
        _finding("single_colour", spread, LEAST_RANGE, single, has_fault=spread < LEAST_RANGE),
    ]


def _variation(shown: Image.Image) -> Finding:
    """Measure how much there is to see, at full size: a star is one pixel."""
    deviation = max(ImageStat.Stat(shown).stddev)
    reason = f"there is almost nothing to see: its pixels deviate by {deviation:.2f} of 255, below {LEAST_DEVIATION}"
    return _finding("blank", deviation, LEAST_DEVIATION, reason, has_fault=deviation < LEAST_DEVIATION)


def _dead(frame: Image.Image, shown: Image.Image) -> Finding:
    """Measure the dead blocks; who cuts out a picture has put transparency there, no VAE does."""
    share = dead_share(shown) if is_opaque(frame) else 0.0
    reason = f"{share:.1%} of it are black blocks with hard edges, as numbers that overflowed leave them"
    return _finding("dead_blocks", share, MOST_DEAD, reason, has_fault=share > MOST_DEAD)


def _blur(shown: Image.Image) -> Finding:
    figure, sight = sharpness(shown)
    reason = f"it is blurred: its sharpest edges have a sharpness of {figure:.2f}, below {LEAST_SHARPNESS}"
    has_fault = sight >= LEAST_SIGHT and figure < LEAST_SHARPNESS
    return _finding("blur", figure, LEAST_SHARPNESS, reason, has_fault=has_fault)


def _likeness(fingerprint: int, earlier: Sequence[int]) -> Finding:
    distances = [
        (fingerprint ^ other).bit_count() if NOTHING not in {fingerprint, other} else BITS for other in earlier
    ]
    nearest = min(distances, default=BITS)
    number = distances.index(nearest) + 1 if distances else 0
    reason = f"it is nearly the same as picture {number}: {nearest} of {BITS} marks differ, below {LEAST_DISTANCE}"
    return _finding("duplicate", float(nearest), LEAST_DISTANCE, reason, has_fault=nearest < LEAST_DISTANCE)


def _of_all_frames(findings: Sequence[Finding]) -> Finding:
    is_any = findings[0].check == "dead_blocks"
    return next((one for one in findings if one.passed != is_any), findings[0])


def _finding(check: str, figure: float, limit: float, reason: str, *, has_fault: bool) -> Finding:
    return Finding(check, not has_fault, round(figure, 4), float(limit), reason if has_fault else "")


def _passed(finding: Finding) -> Finding:
    return Finding(finding.check, passed=True, figure=finding.figure, limit=finding.limit)
