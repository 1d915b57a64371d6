"""How many jobs ended in the last minutes or hours, in steps of time: what a chart shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfy_gen.jobs.sql import throughput as sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.jobs.transactions import Transactions

MOST_STEPS = 120
MINUTES = range(1, 1_441)
"""For how long one may ask."""
_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 900)
"""Seconds; each is part of an hour, so that steps begin where a clock's do."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A stretch of time, in steps of the same length. The last has yet to end."""

    start: int
    """Seconds since 1970."""
    step: int
    """Seconds."""
    count: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """The jobs that ended within a step."""

    at: int
    """When the step begins."""
    completed: int = 0
    failed: int = 0
    mean_seconds: float | None = None
    """From start to end, of those that completed; None if none did."""


def grid_of(minutes: int, now: float) -> Grid:
    """Return the steps of the last minutes: the same ones for whoever asks again within a step."""
    step = next(one for one in _STEPS if minutes * 60 / one <= MOST_STEPS)
    count = math.ceil(minutes * 60 / step)
    return Grid((math.floor(now / step) - count + 1) * step, step, count)


async def throughput(transactions: Transactions, grid: Grid, owner: str | None = None) -> Sequence[Bucket]:
    """Return all steps of a grid, the oldest first; with an ``owner``, of their jobs alone."""
    rows = await transactions.read(lambda connection: sql.ended(connection, grid.start, grid.step, owner))
    found = {number: Bucket(_at(grid, number), good, bad, mean) for number, good, bad, mean in rows}
    return [found.get(number) or Bucket(_at(grid, number)) for number in range(grid.count)]


def _at(grid: Grid, number: int) -> int:
    return grid.start + number * grid.step
