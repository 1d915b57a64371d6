"""Results in the words of a RunPod endpoint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comfy_gen.jobs.endpoint import ENDS, in_words, is_overdue, output_of, status_of, told, webhook_told
from comfy_gen.jobs.failure import JobFailure
from comfy_gen.jobs.job import Artifact, Job, JobId, JobState
from comfy_gen.jobs.result import result_of

JOB = Job(JobId("j1"), JobState.COMPLETED, created=100.0, started=101.5, ended=103.0, engine="gpu-1")
FILE = Artifact("a1", "j1", "9", "image", "cat.png", "image/png", 10, "0" * 64, 16, 16, "k", None)
LATE = {"runpod": {"ttl": 2_000}}


def result(**changes):
    return result_of(replace(JOB, **changes))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"state": JobState.QUEUED}, "IN_QUEUE"),
        ({"state": JobState.PREPROCESSING}, "IN_PROGRESS"),
        ({"state": JobState.GENERATING}, "IN_PROGRESS"),
        ({"state": JobState.POSTPROCESSING}, "IN_PROGRESS"),
        ({}, "COMPLETED"),
        ({"state": JobState.PARTIAL}, "COMPLETED"),
        ({"state": JobState.FAILED, "failure": JobFailure("internal", "no")}, "FAILED"),
        ({"state": JobState.FAILED, "failure": JobFailure("timeout", "no")}, "TIMED_OUT"),
        ({"state": JobState.FAILED, "failure": JobFailure("stuck", "no")}, "TIMED_OUT"),
        ({"state": JobState.CANCELLED}, "CANCELLED"),
        ({"state": JobState.CANCELLED, "metadata": LATE}, "TIMED_OUT"),
        ({"state": JobState.CANCELLED, "metadata": LATE, "ended": 101.0}, "CANCELLED"),
        ({"metadata": LATE}, "COMPLETED"),
    ],
)
def test_each_state_has_runpod_s_word(changes, status):
    assert status_of(result(**changes)) == status


@pytest.mark.parametrize(
    ("policy", "started", "now", "is_late"),
    [
        ({"ttl": 2_000}, None, 101.9, False),
        ({"ttl": 2_000}, None, 102.0, True),
        ({"executionTimeout": 2_000}, None, 200.0, False),
        ({"executionTimeout": 2_000}, 110.0, 111.9, False),
        ({"executionTimeout": 2_000}, 110.0, 112.0, True),
        ({"ttl": "soon"}, None, 200.0, False),
        ("always", None, 200.0, False),
        (None, None, 200.0, False),
    ],
)
def test_job_is_overdue_once_it_took_longer_than_its_request_allows(policy, started, now, is_late):
    assert is_overdue({"metadata": {"runpod": policy}, "created": 100.0, "started": started}, now=now) is is_late


def test_job_that_waits_is_told_by_its_id_alone():
    assert told(result(state=JobState.QUEUED, started=None, ended=None)) == {"id": "j1", "status": "IN_QUEUE"}


def test_end_is_told_with_times_in_milliseconds():
    facts = told(
        result(notes=("it dropped one",)), [{"filename": "a.png", "kind": "image", "type": "base64", "data": "eA"}]
    )
    assert facts == {
        "id": "j1",
        "status": "COMPLETED",
        "delayTime": 1500,
        "executionTime": 1500,
        "workerId": "gpu-1",
        "output": {"images": [{"filename": "a.png", "type": "base64", "data": "eA"}], "errors": ["it dropped one"]},
    }


def test_job_that_never_began_waited_to_its_end():
    facts = told(result(state=JobState.CANCELLED, started=None, engine=None))
    assert (facts["delayTime"], facts["error"]) == (3000, "The job was cancelled.")
    assert not facts.keys() & {"executionTime", "workerId", "output"}


def test_failure_is_told_in_words_with_our_code_beside_them():
    facts = told(result(state=JobState.FAILED, failure=JobFailure("out_of_memory", "no memory", "use less.")))
    assert (facts["status"], facts["error"]) == ("FAILED", "No memory. Use less.")
    assert facts["comfygen"]["code"] == "out_of_memory"
    late = told(result(state=JobState.CANCELLED, metadata=LATE))
    assert (late["status"], late["comfygen"]["code"]) == ("TIMED_OUT", "timeout")
    assert {facts["status"], late["status"]} < ENDS


def test_error_of_a_job_that_goes_on_is_not_told_yet():
    trying = result(state=JobState.GENERATING, ended=None, failure=JobFailure("engine_lost", "it is gone"))
    assert "error" not in told(trying)


def test_sounds_are_apart_and_no_file_at_all_is_said():
    sound = {"filename": "a.flac", "kind": "audio", "type": "base64", "data": "eA"}
    assert list(output_of([sound, {**sound, "kind": "video"}], ())) == ["images", "audio"]
    assert output_of([], ()) == {"status": "success_no_output"}


def test_webhook_tells_addresses_and_whether_there_are_none():
    text = replace(FILE, kind="text", filename="a.txt")
    facts = webhook_told(result_of(JOB, [FILE, text], url=lambda one: f"https://x/{one.artifact_id}"))
    assert facts["output"] == {"images": [{"filename": "cat.png", "type": "s3_url", "data": "https://x/a1"}]}
    (error,) = webhook_told(result_of(JOB, [FILE]))["output"]["errors"]
    assert error.startswith("cat.png: ask for the job's status")


def test_words_are_sentences():
    assert in_words({"message": "no", "hint": ""}) == "No."
    assert in_words({"message": "no.", "hint": "try again."}) == "No. Try again."
