"""Finds the blocks that NaN leaves in a picture: a VAE in half precision overflows, and whole tiles come out black.

They are told from black that belongs there by what only they have all together: each pixel is exactly 0, they are
rectangles, their edges lie on the VAE's grid of 8 pixels, and right beyond an edge the picture is alive. A black sky
has another shape, a drawn rectangle has flat surroundings, borders come in pairs. Whatever lacks one of these may be
honest and passes; so does what an enlargement or a lossy format has softened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfy_gen.validation.looking.visible import ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

CELL = 8
"""Pixels that a VAE makes of one number: its tiles start and end at multiples of it."""
LEAST_CELLS = 8
"""To the side of a block: 64 pixels, the smallest tile that VAEDecodeTiled takes."""
_SHARE_OF_SMALL = 4
"""Of a small picture's shorter side, the fourth part is enough."""
_SHARE_OF_STRIP = 4
"""A black strip along a whole border counts from the fourth part of the picture on: below, it may be a caption's."""
_MOST_ZEROS = 0.1
"""Of the pixels right beyond an edge. More of them are black where a shape only happens to end near the grid."""
_LEAST_GREYS = 4
"""Different ones right beyond an edge: what was drawn or cut out has one or two, what a model painted has many."""

Box = tuple[int, int, int, int]
"""Left, top, right and bottom; the latter two are no longer in it."""


def dead_share(picture: Image.Image) -> float:
    """Return how much of an opaque picture in ``L`` or ``RGB`` is dead, from 0 to 1."""
    grey = picture.convert("L")
    grid = _grid(grey)
    least = min(LEAST_CELLS, max(2, min(grid.columns, grid.rows) // _SHARE_OF_SMALL))
    if grid.count < least * least:
        return 0.0
    inner = _within_borders(grid)
    torn = [block for block in _blocks(grid, inner, least) if _is_torn_out(grid, inner, block, grey)]
    return sum(_area(block) for block in torn if _is_black(picture, block)) / (grid.columns * grid.rows)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Which cells of a picture are black all over, or but for a pixel."""

    columns: int
    rows: int
    count: int
    cells: bytes
    """Row by row, 255 where black and 0 elsewhere."""
    box: Box | None
    """Around those that are not."""


def _grid(grey: Image.Image) -> _Grid:
    alive = grey.reduce(CELL).point(lambda value: 255 if value else 0)
    dead = alive.point(lambda value: 255 - value)
    return _Grid(*alive.size, dead.histogram()[255], dead.tobytes(), alive.getbbox())


def _within_borders(grid: _Grid) -> Box:
    """Return what is left without the black borders of a frame, a letterbox or a pillarbox: one on each side."""
    left, top, right, bottom = grid.box or (0, 0, grid.columns, grid.rows)
    has_sides = left > 0 and right < grid.columns
    has_ends = top > 0 and bottom < grid.rows
    across = (left, right) if has_sides else (0, grid.columns)
    down = (top, bottom) if has_ends else (0, grid.rows)
    return across[0], down[0], across[1], down[1]


def _blocks(grid: _Grid, inner: Box, least: int) -> Iterator[Box]:
    """Yield the black rectangles: runs of cells that are the same in many rows."""
    left, top, right, bottom = inner
    pattern = re.compile(rb"\xff{%d,}" % least)
    begun: dict[tuple[int, int], int] = {}
    for row in range(top, bottom + 1):
        start = row * grid.columns
        found = pattern.finditer(grid.cells, start + left, start + right) if row < bottom else ()
        runs = {(run.start() - start, run.end() - start) for run in found}
        for run in begun.keys() - runs:
            above = begun.pop(run)
            if row - above >= least:
                yield run[0], above, run[1], row
        begun.update((run, row) for run in runs - begun.keys())


def _is_torn_out(grid: _Grid, inner: Box, block: Box, grey: Image.Image) -> bool:
    """Tell whether the picture ends at the block's edges as if it were cut off there."""
    if _is_narrow_strip(inner, block):
        return False
    edges = [pixels for pixels in _edges(grid, inner, block, grey) if pixels]
    return bool(edges) and all(_is_alive(pixels) for pixels in edges)


def _is_narrow_strip(inner: Box, block: Box) -> bool:
    left, top, right, bottom = block
    is_across = (left, right) == (inner[0], inner[2]) and (bottom - top) * _SHARE_OF_STRIP < inner[3] - inner[1]
    is_down = (top, bottom) == (inner[1], inner[3]) and (right - left) * _SHARE_OF_STRIP < inner[2] - inner[0]
    return is_across or is_down


def _edges(grid: _Grid, inner: Box, block: Box, grey: Image.Image) -> Iterator[bytes]:
    """Yield the pixels right beyond each edge of a block that is within the picture, as far as cells are alive there.

    A block may lie against another: tiles overlap, and what they leave is not always one rectangle.
    """
    left, top, right, bottom = block
    for column, x in ((left - 1, left * CELL - 1), (right, right * CELL)):
        if inner[0] <= column < inner[2]:
            cells = grid.cells[top * grid.columns + column : bottom * grid.columns : grid.columns]
            yield _of_living(grey.crop((x, top * CELL, x + 1, bottom * CELL)), cells)
    for row, y in ((top - 1, top * CELL - 1), (bottom, bottom * CELL)):
        if inner[1] <= row < inner[3]:
            cells = grid.cells[row * grid.columns + left : row * grid.columns + right]
            yield _of_living(grey.crop((left * CELL, y, right * CELL, y + 1)), cells)


def _of_living(line: Image.Image, cells: bytes) -> bytes:
    pixels = line.tobytes()
    return b"".join(pixels[CELL * place : CELL * (place + 1)] for place, is_dead in enumerate(cells) if not is_dead)


def _is_alive(pixels: bytes) -> bool:
    return pixels.count(0) <= _MOST_ZEROS * len(pixels) and len(set(pixels)) >= _LEAST_GREYS


def _is_black(picture: Image.Image, block: Box) -> bool:
    """Tell whether each pixel is: a cell was called so if it is on average."""
    left, top, right, bottom = (CELL * side for side in block)
    inside = picture.crop((left, top, min(right, picture.width), min(bottom, picture.height)))
    return not any(most for _, most in ranges(inside))


def _area(block: Box) -> int:
    left, top, right, bottom = block
    return (right - left) * (bottom - top)
