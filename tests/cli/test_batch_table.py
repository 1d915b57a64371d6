from __future__ import annotations

import io

import pytest
from rich.console import Console

from comfy_gen.cli.batch_table import clock, render, summary

STATISTICS = {
    "total": 200,
    "completed": 50,
    "failed": 2,
    "cancelled": 0,
    "retries": 3,
    "elapsed_seconds": 26.0,
    "engines": {
        "http://one:8188": {"running": 2, "completed": 50, "failed": 1, "state": "up"},
        "http://two:8188": {"running": 0, "completed": 0, "failed": 4, "state": "resting"},
    },
}


def test_each_engine_has_a_line_and_the_whole_its_pace():
    console = Console(file=io.StringIO(), width=100)
    console.print(render(STATISTICS))
    lines = console.file.getvalue().splitlines()
    assert lines[1].split() == ["http://one:8188", "2", "50", "1", "up"]
    assert lines[2].split() == ["http://two:8188", "0", "0", "4", "resting"]
    assert lines[-1].strip("━╸╺ ") == "52 of 200 · 2 failed · 3 tried again · 2.0 jobs/s · 1:14 left"


def test_slow_jobs_are_told_in_seconds_each():
    assert "4.0 s/job" in summary({**STATISTICS, "elapsed_seconds": 208.0})


def test_nothing_is_said_of_the_pace_before_the_first_end():
    nothing = {"completed": 0, "failed": 0, "retries": 0}
    assert summary({**STATISTICS, **nothing}) == "0 of 200"


@pytest.mark.parametrize(("seconds", "said"), [(7.4, "7 s"), (61, "1:01"), (3725, "1:02:05")])
def test_time_is_told_as_people_do(seconds, said):
    assert clock(seconds) == said
