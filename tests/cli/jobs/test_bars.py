from __future__ import annotations

import io

from rich.console import Console

from comfy_gen.cli.jobs.bars import Bars, render
from comfy_gen.cli.jobs.table import short_ids
from comfy_gen.cli.jobs.view import JobView
from comfy_gen.engines.durations import Estimate
from comfy_gen.jobs.job import Job, JobFailure, JobId, JobState

STATES = [JobState.COMPLETED, JobState.QUEUED, JobState.GENERATING, JobState.FAILED]


def views(states=STATES):
    jobs = [
        Job(
            JobId(f"{number:08}-0000-4000-8000-000000000000"),
            state,
            title=f"job {number}",
            engine="gpu-1",
            progress=0.5,
            failure=JobFailure("out_of_memory", "out of memory") if state is JobState.FAILED else None,
        )
        for number, state in enumerate(states)
    ]
    return [JobView(job) for job in jobs]


def printed(shown, *, advice="", height=25):
    console = Console(file=io.StringIO(), width=120, height=height)
    console.print(render(shown, shown, short_ids(view.job_id for view in shown), advice))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_each_job_has_a_bar_and_all_a_sum():
    shown = views()
    shown[1].position, shown[1].eta = 4, Estimate(12.0, 75.0, 9)
    shown[2].detail, shown[2].eta = "KSampler 5/20", Estimate(3.0, 3.0, 9)
    lines = printed(shown, advice="Look here.")
    assert lines[1].split()[-6:] == ["#4", "in", "12", "s", "…", "1:15"]
    assert lines[2].endswith("50%  KSampler 5/20  on gpu-1  in 3 s")
    assert lines[3].endswith("out of memory")
    assert lines[4] == "2 of 4 ended · 1 queued · 1 generating · 1 failed"
    assert lines[5] == "Look here."


def test_one_job_needs_no_sum_and_a_held_one_no_place():
    (view,) = views([JobState.QUEUED])
    view.is_held = True
    (line,) = printed([view])
    assert line.endswith("held")


def test_jobs_that_run_are_shown_before_those_that_wait_or_ended():
    some = views([JobState.COMPLETED] * 5 + [JobState.QUEUED] * 2 + [JobState.GENERATING])
    bars = Bars(Console(file=io.StringIO(), height=6), some)
    assert [view.title for view in bars.shown()] == ["job 5", "job 6", "job 7"]


def test_advice_is_said_once_where_there_are_no_bars():
    console = Console(file=io.StringIO(), width=100)
    with Bars(console, views()) as bars:
        for advice in ("Start a worker.", "Start a worker.", "", "Start a worker."):
            bars.say(advice)
    assert console.file.getvalue().splitlines() == ["Start a worker.", "Start a worker."]


def test_bars_stay_on_a_terminal_once_all_is_over():
    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    some = views([JobState.COMPLETED])
    with Bars(console, some):
        pass
    assert "job 0" in console.file.getvalue()


def test_job_whose_pictures_did_not_pass_says_so_beside_its_full_bar():
    (view,) = views([JobState.COMPLETED])
    view.quality = {"passed": False, "score": 0.2, "reason": "too dark", "take": 2, "takes": 3}
    (line,) = printed([view])
    assert line.endswith("the pictures did not pass, take 2 is the best of 3: too dark")


def test_take_before_is_told_while_another_is_made():
    generating, waiting = views([JobState.GENERATING, JobState.QUEUED])
    generating.found = waiting.found = "take 1: too dark"
    lines = printed([generating, waiting])
    assert lines[0].endswith("50%  on gpu-1  take 1: too dark")
    assert lines[1].endswith("take 1: too dark")
