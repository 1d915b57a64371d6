"""States of a job and their legal moves; a job's own copy of its workflow."""

from __future__ import annotations

import itertools
import tracemalloc
from typing import Any

import pytest

from comfy_gen.batch.job import Job, JobStatus, make_job, status_named, unpack
from comfy_gen.comfyui.tracker import Ending, Outcome
from comfy_gen.errors import ForbiddenContentError, InvalidParameterError
from comfy_gen.workflows.catalogue import load_template

QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED = JobStatus
LEGAL = {
    (QUEUED, RUNNING),
    (QUEUED, FAILED),
    (QUEUED, CANCELLED),
    (RUNNING, QUEUED),
    (RUNNING, COMPLETED),
    (RUNNING, FAILED),
    (RUNNING, CANCELLED),
}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(JobStatus, JobStatus)))
def test_only_legal_moves_are_made(before, after):
    job = Job("a", b"", status=before)
    if (before, after) in LEGAL:
        job.move(after)
        assert job.status is after
    else:
        with pytest.raises(AssertionError, match=f"from {before} to {after}"):
            job.move(after)
        assert job.status is before


def test_ends_are_those_from_which_nothing_follows():
    assert [status for status in JobStatus if status.is_end] == [COMPLETED, FAILED, CANCELLED]


def test_workflow_is_copied_deeply_going_in_and_coming_out():
    workflow: Any = {"1": {"class_type": "A", "inputs": {"x": [1, {"y": "ü"}]}}}
    job = make_job("a", workflow)
    workflow["1"]["inputs"]["x"][1]["y"] = "changed"
    assert job.workflow == {"1": {"class_type": "A", "inputs": {"x": [1, {"y": "ü"}]}}}
    job.workflow["1"]["inputs"].clear()
    assert unpack(job.packed)["1"]["inputs"]


def test_metadata_is_the_jobs_own():
    metadata = {"a": 1}
    job = make_job("a", {}, metadata)
    metadata["a"] = 2
    assert job.metadata == {"a": 1}


@pytest.mark.parametrize("workflow", [[], None, "{}", {"1": object()}, {"1": {"x": {1, 2}}}, {"1": "\ud800"}])
def test_what_is_no_workflow_is_refused(workflow):
    with pytest.raises(InvalidParameterError, match="the workflow of job a"):
        make_job("a", workflow)


def test_workflow_that_contains_itself_is_refused():
    workflow = {}
    workflow["1"] = workflow
    with pytest.raises(InvalidParameterError):
        make_job("a", workflow)


def test_result_is_what_the_history_says():
    job = make_job("a", {})
    assert (job.result, job.history, job.problems, job.seconds) == (None, None, (), None)
    job.outcome = Outcome("p", Ending.PARTIAL, {"9": {"images": []}}, ("node 3 dropped",))
    job.prompt_id, job.started, job.ended = "p", 10.0, 12.5
    assert job.result["outputs"] == {"9": {"images": []}}
    assert job.history == job.result
    assert (job.problems, job.seconds) == (("node 3 dropped",), 2.5)


def test_status_is_known_by_its_name():
    assert status_named("failed") is FAILED
    assert status_named(FAILED) is FAILED
    with pytest.raises(InvalidParameterError, match="qued"):
        status_named("qued")


def test_thousand_jobs_take_little_memory():
    """Ten thousand queued jobs must fit into 200 MB; benchmarks/queued_jobs.py measures them all."""
    workflow = load_template("wan2.2-t2v").workflow
    make_job("warm", workflow)
    tracemalloc.start()
    try:
        jobs = [make_job(f"job_{number}", workflow) for number in range(1000)]
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(jobs) == 1000
    assert taken < 10 * 2**20


def test_what_no_tier_allows_is_refused():
    with pytest.raises(ForbiddenContentError):
        make_job("a", {"1": {"class_type": "CLIPTextEncode", "inputs": {"text": "child, nude"}}})
