from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from comfy_gen.cli.jobs.card import card
from comfy_gen.cli.jobs.show import Known
from comfy_gen.engines.durations import Estimate
from comfy_gen.jobs.job import Artifact, Attempt, Event, Job, JobFailure, JobId, JobState
from comfy_gen.jobs.records import Delivery
from comfy_gen.validation.takes import Take

NOW = 1_000_000.0
ID = JobId("3f2a91c0-0000-4000-8000-000000000000")
FAILURE = JobFailure("out_of_memory", "it ran out of memory", "make it smaller.", {"node_id": "5", "again": True})
JOB = Job(ID, JobState.QUEUED, title="[b]a fox[/b]", created=NOW - 90)
KNOWN = Known(
    job=JOB,
    position=3,
    eta=Estimate(12.0, 75.0, 9),
    attempts=(),
    artifacts=(),
    paths={},
    deliveries=(),
    events=(),
    request=None,
    now=NOW,
)
FILE = Artifact("a-1", ID, "9", "image", "x.png", "image/png", 12_345, "…", 64, 32, "3f/x.png", None)


def printed(known):
    console = Console(file=io.StringIO(), width=100)
    for part in card(known):
        console.print(part, soft_wrap=True)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines()]


def delivery(**facts):
    return Delivery("d-1", ID, JobState.COMPLETED, "http://user:secret@sink/x", {}, **facts)


def test_job_that_waits_says_where_and_until_when():
    lines = printed(KNOWN)
    assert lines[0] == f"{ID} [b]a fox[/b]"
    assert "state queued #3" in lines
    assert "done in 12 s … 1:15, by 9 like jobs" in lines
    assert any(line.endswith(", 1 min ago") for line in lines)
    assert not any(line in {"attempts", "files", "webhooks", "events"} for line in lines)


def test_failure_is_told_with_its_hint_and_facts():
    lines = printed(replace(KNOWN, eta=None, job=replace(JOB, state=JobState.FAILED, failure=FAILURE)))
    assert "failure it ran out of memory [out_of_memory]" in lines
    assert "Make it smaller." in lines
    assert "node_id 5" in lines
    assert "again true" in lines


def test_failure_of_an_attempt_is_not_taken_for_the_job_s():
    assert any(line.startswith("last failure ") for line in printed(replace(KNOWN, job=replace(JOB, failure=FAILURE))))


def test_times_are_told_by_stage_and_by_the_slowest_nodes():
    nodes = {str(number): number / 10 for number in range(8)}
    lines = printed(replace(KNOWN, job=replace(JOB, timings={"waited": 61.0, "generate": 2.5, "nodes": nodes})))
    assert "took waited 1:01 · generate 2.5 s" in lines
    assert "slowest node 7 0.7 s · node 6 0.6 s · node 5 0.5 s · node 4 0.4 s · node 3 0.3 s" in lines


def test_attempts_are_told_with_their_endings():
    failed = Attempt(ID, 1, "w-1", "gpu-1", None, NOW - 30, NOW - 20, "failed", FAILURE)
    lines = printed(replace(KNOWN, attempts=(failed, Attempt(ID, 2, "w-2", started=NOW - 5))))
    assert "1 gpu-1 w-1 failed 10 s it ran out of memory" in lines
    assert "2 w-2 goes on" in lines


def test_paths_of_files_stand_on_one_line():
    path = Path("/data") / ("x" * 200)
    lines = printed(replace(KNOWN, artifacts=(FILE,), paths={"a-1": path}))
    assert f"node 9 · image · 64x32 · 12.3 KB {path}" in lines
    bare = replace(FILE, width=None, height=None)
    assert "node 9 · image · 12.3 KB 3f/x.png" in printed(replace(KNOWN, artifacts=(bare,), paths={"a-1": None}))


def test_webhooks_are_told_and_their_secrets_are_not():
    told = [delivery(tries=1, is_done=True, status=200), delivery(tries=3, next_at=NOW + 30, error="refused")]
    job = replace(JOB, webhook_url="http://user:secret@sink/x", metadata={"shot": 3}, avoided=frozenset({"b", "a"}))
    lines = printed(replace(KNOWN, job=job, deliveries=[*told, delivery(tries=9, error="gone")]))
    assert "d-1 completed 1 received (200)" in lines
    assert "d-1 completed 3 next in 30 s refused" in lines
    assert "d-1 completed 9 given up gone" in lines
    assert "webhook http://***@sink/x" in lines
    assert 'metadata {"shot": 3}' in lines
    assert "avoids a, b" in lines
    assert "secret" not in "".join(lines)


def test_events_are_told_with_their_facts():
    state = Event(ID, 1, NOW, "state", {"state": "generating", "attempt": 1, "engine": "gpu-1"})
    note = Event(ID, 2, NOW, "note", {"state": "queued", "text": "held"})
    lines = printed(replace(KNOWN, events=(state, note, Event(ID, 3, NOW, "progress", {"progress": 0.5}))))
    assert [line.split(maxsplit=3)[3] for line in lines[-3:]] == [
        'generating {"engine": "gpu-1"}',
        "held",
        'progress {"progress": 0.5}',
    ]


def test_notes_of_the_engine_are_told():
    assert "note node 9 was dropped" in printed(replace(KNOWN, job=replace(JOB, notes=("node 9 was dropped",))))


TAKES = [
    Take(number=1, passed=False, score=0.21, reason="too dark", engine="gpu-1"),
    Take(number=2, passed=True, score=0.31, changes={"seed": 7}, engine="gpu-2"),
]


def test_takes_are_listed_with_the_chosen_one_and_the_files_of_the_others():
    quality = {"passed": True, "score": 0.31, "reason": "", "take": 2, "takes": 2}
    job = replace(JOB, state=JobState.COMPLETED, quality=quality, take=2)
    best, other = replace(FILE, artifact_id="a-2", take=2), FILE
    paths = {"a-1": Path("/data/1.png"), "a-2": Path("/data/2.png")}
    known = replace(KNOWN, eta=None, job=job, takes=TAKES, artifacts=[best], made=[other, best], paths=paths)
    lines = printed(known)
    assert "quality passed, with a similarity to the prompt of 0.310 (take 2 of 2)" in lines
    assert "1 not passed 0.210 gpu-1 too dark" in lines
    assert "2 kept passed 0.310 seed 7 gpu-2" in lines
    assert lines[lines.index("files") + 1].endswith(" /data/2.png")
    place = lines.index("files of other takes")
    assert lines[place + 1] == "take 1 · node 9 · image · 64x32 · 12.3 KB /data/1.png"


def test_quality_of_a_job_that_goes_on_is_that_of_the_best_so_far():
    quality = {"passed": False, "score": 0.21, "reason": "too dark", "take": 1, "takes": 1}
    lines = printed(replace(KNOWN, job=replace(JOB, quality=quality), takes=TAKES[:1]))
    assert "quality too dark (take 1 of 1, so far)" in lines
    assert "state queued #3" in lines
