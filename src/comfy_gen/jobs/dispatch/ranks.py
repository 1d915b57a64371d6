"""A job's rank as PostgreSQL's ``integer``, which is what procrastinate sorts by. Pure.

Ranks count turns: lowest first, a step of priority is worth 100 turns, so they begin at -10,000, or below where jobs
were put before all others. Priorities count the other way round: highest first. As many turns as an ``integer`` has
values are told apart exactly, 4.29 billion: a queue of ten jobs a second for 13 years. Beyond, jobs of one priority
stay in the order in which they were accepted.
"""

from __future__ import annotations

import math

HIGHEST = 2**31 - 1
LOWEST = -(2**31)
FIRST_RANK = -1_010_000
"""Turn 0 at the highest priority of a job, 100, with a million jobs that were put before it since."""


def priority_of(rank: float) -> int:
    """Return the priority in procrastinate's table: the lower the rank the higher, and never out of bounds."""
    return max(LOWEST, min(HIGHEST, HIGHEST + FIRST_RANK - math.floor(rank)))
