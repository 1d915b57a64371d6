import pytest

from comfy_gen.jobs.job import Job, JobFailure, JobId, JobState
from comfy_gen.jobs.result import STATUSES, message_of, percent_of, result_of
from comfy_gen.pipeline.artifact import Artifact

DOCUMENTED = {"completed", "failed", "processing", "generating", "queued"}
FOUND = {"passed": True, "score": 0.31, "reason": "", "take": 2, "takes": 2}
REJECTED = {**FOUND, "passed": False, "reason": "it is black"}
JOB = JobId("6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10")


def artifact(url=""):
    return Artifact("a1", JOB, "9", "image", "x_00001_.png", "image/png", 5, "ab", 8, 8, "6f/a1.png", None, url)


def test_every_state_has_a_documented_status():
    assert set(STATUSES) == set(JobState)
    assert set(STATUSES.values()) == DOCUMENTED


@pytest.mark.parametrize("state", [JobState.PARTIAL, JobState.CANCELLED])
def test_programs_that_wait_for_a_documented_end_get_one(state):
    result = result_of(Job(JOB, state))
    assert result["status"] in {"completed", "failed"}
    assert result["state"] == state


def test_result_has_the_fields_of_both_documents():
    result = result_of(Job(JOB, JobState.COMPLETED), [artifact()], url=lambda one: f"http://x/{one.artifact_id}")
    assert {"id", "status", "message", "output", "generation_id", "output_url", "progress"} <= result.keys()
    (output,) = result["output"]
    assert {name: output[name] for name in ("filename", "url", "type", "node_id", "output_type", "local_path")} == {
        "filename": "x_00001_.png",
        "url": "http://x/a1",
        "type": "output",
        "node_id": "9",
        "output_type": "images",
        "local_path": None,
    }
    assert (result["output_url"], result["progress"]) == ("http://x/a1", 100)


def test_failure_is_told_with_its_class_and_facts():
    failure = JobFailure("gpu_error", "the GPU fell off the bus", "put it back", {"node_id": "3"})
    result = result_of(Job(JOB, JobState.FAILED, failure=failure))
    assert result["message"] == "the GPU fell off the bus"
    assert result["error"] == failure.as_json()


def test_cancelled_job_says_so_in_its_error():
    assert result_of(Job(JOB, JobState.CANCELLED))["error"]["code"] == "cancelled"
    assert result_of(Job(JOB, JobState.QUEUED))["error"] is None


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (Job(JOB, JobState.QUEUED, is_held=True), "Held: it waits until it is released"),
        (Job(JOB, JobState.GENERATING, is_cancelling=True), "Being cancelled"),
        (Job(JOB, JobState.GENERATING), "Generating"),
    ],
)
def test_message_says_how_the_job_is(job, said):
    assert message_of(job) == said


def test_percent_is_what_is_known():
    assert percent_of(Job(JOB, JobState.GENERATING, progress=0.256)) == 26
    assert percent_of(Job(JOB, JobState.QUEUED)) == 0
    assert percent_of(Job(JOB, JobState.PARTIAL)) == 100


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (Job(JOB, JobState.COMPLETED, quality=FOUND), "Generation completed"),
        (
            Job(JOB, JobState.COMPLETED, quality=REJECTED),
            "Generation completed; the pictures did not pass: it is black",
        ),
        (
            Job(JOB, JobState.COMPLETED, quality={**FOUND, "passed": None, "reason": "no weights"}),
            "Generation completed; the pictures could not be judged: no weights",
        ),
        (
            Job(JOB, JobState.PARTIAL, quality={**REJECTED, "reason": ""}),
            "Generation completed in part: the engine dropped some outputs; the pictures did not pass",
        ),
        (Job(JOB, JobState.GENERATING, quality=REJECTED), "Generating (take 3)"),
        (Job(JOB, JobState.CANCELLED, quality=REJECTED), "Cancelled"),
        (Job(JOB, JobState.QUEUED, quality={**FOUND, "passed": None, "takes": 0}), "Waiting for an engine"),
    ],
)
def test_message_says_what_was_found_of_the_pictures(job, said):
    assert message_of(job) == said


def test_result_tells_of_quality_where_it_was_asked_for():
    assert result_of(Job(JOB, JobState.COMPLETED, quality=REJECTED))["quality"] == REJECTED
    assert result_of(Job(JOB, JobState.COMPLETED))["quality"] is None
