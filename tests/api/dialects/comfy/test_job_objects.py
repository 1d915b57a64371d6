from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from comfy_low.models import Job as TheirJob
from comfy_low.models import JobError, Output, Progress

from comfy_gen.api.dialects.comfy.job_objects import (
    error_object,
    job_object,
    listed_object,
    metrics_of,
    output_object,
    progress_object,
    type_of,
)
from comfy_gen.errors import ExecutionFailedError, NoOutputError
from comfy_gen.jobs.failure import JobFailure, failure_of
from comfy_gen.jobs.job import Job, JobId, JobState
from comfy_gen.pipeline.artifact import Artifact

WAITING = Job(JobId("7f3d2c1b"), JobState.QUEUED, created=1.0, queued=1.0)
RUNNING = replace(WAITING, state=JobState.GENERATING, started=3.5, progress=0.25, engine="gpu-1")
DONE = replace(RUNNING, state=JobState.COMPLETED, ended=9.0, progress=None)
FAILED = replace(DONE, state=JobState.FAILED, failure=JobFailure("gpu_error", "it fell off"))
REPORT = {"attempt": 1, "progress": 0.25, "nodes_done": 1, "nodes_total": 4, "node_id": "3", "class_type": "KSampler"}
PNG = Artifact("a-1", "7f3d2c1b", "9", "image", "x_1.png", "image/png", 12, "0" * 64, 8, 8, "k", None)


def told(job: Job, **more: Any) -> dict[str, Any]:
    """What is told of a job: what the SDK's own model takes."""
    found = job_object(job, base="", **more)
    TheirJob.model_validate(found)
    return found


def test_job_that_waits_has_a_place_and_nothing_else():
    found = told(WAITING, position=3)
    assert (found["status"], found["queue_position"], found["created_at"]) == ("queued", 3, "1970-01-01T00:00:01.000Z")
    nothing = ("started_at", "completed_at", "progress", "error")
    assert [found[name] for name in nothing] == [None] * 4
    assert (found["outputs"], found["metrics"]) == ([], {"queue_ms": None, "execution_ms": None})


def test_job_that_runs_says_how_far_it_is():
    found = told(RUNNING, progress=REPORT)
    assert (found["status"], found["queue_position"]) == ("running", None)
    assert found["progress"]["value"] == 0.25
    assert found["metrics"] == {"queue_ms": 2500, "execution_ms": None}


def test_job_that_has_ended_has_what_it_made_and_no_progress():
    output = output_object(PNG, url="http://x/a", until=60.0)
    found = told(DONE, outputs=[output])
    assert (found["status"], found["outputs"], found["progress"]) == ("succeeded", [output], None)
    assert found["metrics"] == {"queue_ms": 2500, "execution_ms": 5500}


def test_job_that_gave_only_a_part_says_so_beside_its_status():
    found = told(replace(DONE, state=JobState.PARTIAL, notes=("node 9 was dropped",)))
    assert (found["status"], found["comfygen"]["state"]) == ("succeeded", "partial")
    assert found["comfygen"]["notes"] == ["node 9 was dropped"]


def test_error_is_told_of_a_job_that_failed_alone():
    assert told(FAILED)["error"]["message"] == "it fell off"
    assert told(replace(FAILED, state=JobState.QUEUED))["error"] is None
    assert told(replace(FAILED, state=JobState.CANCELLED))["error"] is None


def test_links_are_below_the_path_that_the_service_is_at():
    urls = job_object(WAITING, base="/behind")["urls"]
    base = "/behind/api/v2/jobs/7f3d2c1b"
    assert urls == {"self": base, "events": f"{base}/events", "cancel": f"{base}/cancel"}


def test_what_a_client_said_is_told_where_it_said_something():
    found = told(replace(WAITING, metadata={"client": "acme"}, priority=-5))
    assert (found["metadata"], found["priority"]) == ({"client": "acme"}, -5)
    assert not {"metadata", "priority"} & told(WAITING).keys()


def test_list_has_the_times_under_the_names_that_clients_look_for():
    assert listed_object({"id": "j"}, DONE) == {
        "id": "j",
        "create_time": "1970-01-01T00:00:01.000Z",
        "update_time": "1970-01-01T00:00:09.000Z",
    }


def test_progress_has_the_node_and_its_steps():
    found = progress_object(0.4, {**REPORT, "step": 21, "steps": 50})
    assert Progress.model_validate(found).message == "KSampler 21/50"
    assert (found["nodes_done"], found["nodes_total"], found["current_node"]) == (1, 4, "3")


@pytest.mark.parametrize(("fraction", "value"), [(None, 0.0), (-0.1, 0.0), (1.2, 1.0)])
def test_progress_of_which_nothing_is_known_is_none_yet(fraction, value):
    found = progress_object(fraction, {"ahead": 2})
    Progress.model_validate(found)
    assert (found["value"], found["nodes_total"], found["message"]) == (value, 0, None)


def test_output_is_one_that_the_sdk_takes():
    found = output_object(PNG, url="http://x/a", until=60.0)
    Output.model_validate(found)
    assert (found["id"], found["node_id"], found["job_id"], found["size_bytes"]) == ("a-1", "9", "7f3d2c1b", 12)
    assert (found["url_expires_at"], found["hash"]) == ("1970-01-01T00:01:00.000Z", None)
    assert output_object(replace(PNG, blake3="9f8a"), url="http://x/a", until=0.0)["hash"] == "blake3:9f8a"


@pytest.mark.parametrize(
    ("kind", "filename", "their_type"),
    [
        ("image", "a.png", "image"),
        ("video", "a.mp4", "video"),
        ("audio", "a.flac", "audio"),
        ("text", "a.txt", "text"),
        ("3d", "a.glb", "file"),
        ("file", "a.bin", "file"),
        ("file", "a.latent", "latent"),
    ],
)
def test_every_kind_of_file_has_a_type(kind, filename, their_type):
    assert type_of(replace(PNG, kind=kind, filename=filename)) == their_type


def test_failure_of_a_node_is_told_with_the_node():
    failure = failure_of(ExecutionFailedError("p", "out_of_memory", "3", "KSampler", "no room", ["a\n", "b\n"]))
    found = error_object(failure)
    JobError.model_validate(found)
    assert (found["code"], found["node_id"], found["class_type"]) == ("node_execution_error", "3", "KSampler")
    assert (found["traceback"], found["details"]["code"]) == ("a\nb\n", "out_of_memory")


def test_failure_in_sum_is_told_with_the_node_of_the_last_attempt():
    cause = failure_of(ExecutionFailedError("p", "gpu_error", "3", "KSampler", "CUDA"))
    found = error_object(JobFailure("quarantined", "3 attempts failed"), cause)
    assert (found["code"], found["message"], found["node_id"]) == ("node_execution_error", "3 attempts failed", "3")
    assert (found["traceback"], found["details"]["code"]) == (None, "quarantined")


def test_failure_of_no_node_keeps_our_code():
    found = error_object(failure_of(NoOutputError("p")))
    JobError.model_validate(found)
    assert (found["code"], found["node_id"], found["traceback"]) == ("no_output", None, None)


def test_clocks_that_were_set_back_give_no_negative_times():
    assert metrics_of(replace(DONE, created=5.0, started=4.0)) == {"queue_ms": 0, "execution_ms": 5000}
