from __future__ import annotations

import pytest

from comfy_gen.jobs.dispatch.ranks import HIGHEST, LOWEST, priority_of
from comfy_gen.jobs.job import rank_of


def test_lower_rank_is_the_higher_priority():
    ranks = [rank_of(0, 100), -1, 0, 1, 99, 100, 2**31, 2**32 - 1_010_001]
    assert sorted(ranks, key=priority_of, reverse=True) == ranks


@pytest.mark.parametrize("rank", [-1_010_000, -10_000, 0, 2**31, 2**32 - 1_010_002])
def test_neighbours_are_told_apart(rank: int):
    assert priority_of(rank) == priority_of(rank + 1) + 1


def test_a_million_jobs_can_be_put_before_the_first_rank_of_all():
    assert priority_of(rank_of(0, 100)) == HIGHEST - 1_000_000


@pytest.mark.parametrize(("rank", "priority"), [(-1e12, HIGHEST), (1e12, LOWEST)])
def test_rank_out_of_bounds_is_clipped(rank: float, priority: int):
    assert priority_of(rank) == priority
