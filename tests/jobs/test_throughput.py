"""The steps of time that ended jobs are counted in."""

from __future__ import annotations

import pytest

from comfy_gen.jobs.throughput import MINUTES, MOST_STEPS, grid_of

NOW = 1_795_000_007.25


@pytest.mark.parametrize("minutes", [*MINUTES[:25], 60, 61, 239, 240, 241, 1_200, 1_439, 1_440])
def test_steps_cover_what_was_asked_for_and_are_few(minutes):
    grid = grid_of(minutes, NOW)
    assert 2 <= grid.count <= MOST_STEPS
    assert grid.start % grid.step == 0
    end = grid.start + grid.count * grid.step
    assert end - grid.step <= NOW < end
    assert minutes * 60 <= grid.count * grid.step < minutes * 60 + grid.step


@pytest.mark.parametrize(("minutes", "step"), [(1, 5), (10, 5), (11, 10), (60, 30), (240, 120), (1_440, 900)])
def test_step_grows_with_the_stretch(minutes, step):
    assert grid_of(minutes, NOW).step == step


def test_steps_are_the_same_until_the_next_begins():
    assert grid_of(60, 1_795_000_020.0) == grid_of(60, 1_795_000_049.9) != grid_of(60, 1_795_000_050.0)
