from __future__ import annotations

import io

import pytest
from rich.console import Console

from comfy_gen.cli.jobs.table import (
    DOUBTFUL,
    age,
    eta_of,
    headline,
    job_table,
    seconds,
    short_ids,
    size_of,
    state_of,
    style_of,
    took,
)
from comfy_gen.engines.durations import Estimate
from comfy_gen.jobs.job import Job, JobId, JobState

NOW = 1_000_000.0
ID = JobId("3f2a91c0-0000-4000-8000-000000000000")


def a_job(**facts):
    return Job(**{"job_id": ID, "state": JobState.QUEUED, "title": "a fox", "created": NOW - 90, **facts})


@pytest.mark.parametrize(
    ("facts", "position", "said"),
    [
        ({}, 3, "queued #3"),
        ({}, 12_345, "queued #12,345"),
        ({}, None, "queued"),
        ({"is_held": True}, None, "held"),
        ({"not_before": NOW + 12}, 1, "queued #1, again in 12 s"),
        ({"state": JobState.GENERATING, "progress": 0.456}, None, "generating 46%"),
        ({"state": JobState.GENERATING}, None, "generating"),
        ({"state": JobState.POSTPROCESSING, "progress": 1.0}, None, "postprocessing"),
        ({"state": JobState.GENERATING, "is_cancelling": True}, None, "cancelling"),
        ({"state": JobState.FAILED, "is_cancelling": True}, None, "failed"),
    ],
)
def test_state_is_told_in_a_few_words(facts, position, said):
    assert state_of(a_job(**facts), position, now=NOW) == said


def test_each_job_has_a_line_with_what_is_known_of_it():
    running = a_job(state=JobState.GENERATING, progress=0.5, engine="gpu-1", started=NOW - 5)
    waiting = a_job(job_id=JobId("77777777-0000-4000-8000-000000000000"), title="[b]raw[/b]")
    console = Console(file=io.StringIO(), width=80)
    console.print(job_table([running, waiting], {waiting.job_id: 2}, now=NOW))
    lines = console.file.getvalue().splitlines()
    assert lines[1].split() == ["3f2a91c0", "generating", "50%", "a", "fox", "gpu-1", "1", "min", "5.0", "s"]
    assert lines[2].split() == ["77777777", "queued", "#2", "[b]raw[/b]", "1", "min"]


def test_long_titles_are_cut_and_ids_never():
    console = Console(file=io.StringIO(), width=60)
    jobs = [a_job(title="t" * 200, engine="e" * 80, state=JobState.POSTPROCESSING, started=NOW - 7200)]
    console.print(job_table(jobs, {}, now=NOW))
    (_, line) = console.file.getvalue().splitlines()
    assert line.startswith("3f2a91c0  postprocessing  ttt")
    assert line.endswith(" 1 min  2:00:00")
    assert line.count("…") == 2


def test_ids_are_as_long_as_it_takes_to_tell_them_apart():
    ids = ["aaaaaaaa-1111", "aaaaaaaa-1211", "bbbbbbbb-1111"]
    assert short_ids(ids) == {
        "aaaaaaaa-1111": "aaaaaaaa-11",
        "aaaaaaaa-1211": "aaaaaaaa-12",
        "bbbbbbbb-1111": "bbbbbbbb",
    }
    assert short_ids([]) == {}


def test_headline_counts_what_there_is():
    counts = {JobState.QUEUED: 1200, JobState.FAILED: 0, JobState.COMPLETED: 2}
    assert headline(counts, is_paused=False) == "1,200 queued · 2 completed"
    assert headline({}, is_paused=True) == "no jobs · the queue is paused"


def test_time_that_a_job_took_is_that_until_its_end_or_now():
    assert took(a_job(), now=NOW) == ""
    assert took(a_job(started=NOW - 3), now=NOW) == "3.0 s"
    assert took(a_job(started=NOW - 90, ended=NOW - 10), now=NOW) == "1:20"


def test_numbers_are_told_as_people_say_them():
    assert [seconds(time) for time in (-1, 0.0004, 0.05, 0.26, 65)] == ["0 ms", "0 ms", "50 ms", "0.3 s", "1:05"]
    assert [age(time) for time in (-1, 0.5, 61, 7300, 200_000)] == ["0 s", "0 s", "1 min", "2 h", "2 d"]
    assert [size_of(size) for size in (0, 999, 12_345, 5_600_000, 7e9)] == ["0 B", "999 B", "12.3 KB", "5.6 MB", "7 GB"]


def test_estimate_gives_the_middle_and_what_nine_in_ten_need():
    assert eta_of(None) == ""
    assert eta_of(Estimate(12.0, 75.0, 9)) == "in 12 s … 1:15"
    assert eta_of(Estimate(12.0, 12.2, 9)) == "in 12 s"
    assert eta_of(Estimate(0.0, 0.2, 9)) == "in 1 s"


@pytest.mark.parametrize(
    ("passed", "said", "style"),
    [
        (True, "completed", "green"),
        (False, "completed, not passed", DOUBTFUL),
        (None, "completed, not judged", DOUBTFUL),
    ],
)
def test_state_tells_whether_pictures_passed(passed, said, style):
    found = {"passed": passed, "score": None, "reason": "", "take": 1, "takes": 1}
    job = a_job(state=JobState.COMPLETED, quality=found)
    assert (state_of(job), style_of(job)) == (said, style)


def test_takes_so_far_say_nothing_of_a_job_that_goes_on():
    found = {"passed": False, "score": None, "reason": "", "take": 1, "takes": 1}
    assert state_of(a_job(state=JobState.GENERATING, quality=found)) == "generating"
