from dataclasses import replace

import pytest

from comfy_gen.jobs.announcement import end_of, in_shape, progress_of, quarter_of, with_links
from comfy_gen.jobs.failure import JobFailure
from comfy_gen.jobs.job import Artifact, Job, JobId, JobState

JOB = Job(JobId("f4b0d4b4-3a5e-4c39-9f6b-0b5c5e1c9a11"), JobState.COMPLETED, title="A cat", metadata={"shot": 3})
FILE = Artifact("a1", JOB.job_id, "9", "image", "cat.png", "image/png", 10, "0" * 64, 16, 16, "k", None)
NOW = 1_700_000_000.25


def test_end_is_told_as_the_result_with_its_files():
    told = end_of(JOB, [FILE], now=NOW)
    assert (told["type"], told["timestamp"]) == ("job.completed", "2023-11-14T22:13:20.250Z")
    assert told["id"] == told["request_id"] == told["job_id"] == JOB.job_id
    assert (told["status"], told["state"], told["title"], told["metadata"]) == (
        "completed",
        "completed",
        "A cat",
        {"shot": 3},
    )
    (output,) = told["output"]
    names = ("filename", "type", "node_id", "output_type", "size")
    assert tuple(output[name] for name in names) == ("cat.png", "output", "9", "images", 10)
    assert told["artifacts"][0]["artifact_id"] == "a1"


@pytest.mark.parametrize("state", [JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED])
def test_each_end_has_a_type_of_its_own(state):
    told = end_of(replace(JOB, state=state), [], now=NOW)
    assert (told["type"], told["state"]) == (f"job.{state}", state)


def test_failure_is_told_with_its_reason():
    failure = JobFailure("out_of_memory", "the engine ran out of memory")
    told = end_of(replace(JOB, state=JobState.FAILED, failure=failure), [], now=NOW)
    assert told["failure"] == told["error"] == failure.as_json()
    assert told["message"] == failure.message


def test_end_is_told_with_what_was_found_of_the_pictures():
    found = {"passed": False, "score": None, "reason": "it is black", "take": 3, "takes": 3}
    told = end_of(replace(JOB, quality=found), [FILE], now=NOW)
    assert told["quality"] == found
    assert told["message"].endswith("did not pass: it is black")


def test_progress_is_told_with_how_much_is_done():
    told = progress_of(replace(JOB, state=JobState.GENERATING, progress=0.5), now=NOW)
    assert (told["type"], told["status"], told["progress"]) == ("job.progress", "generating", 50)
    assert told["output"] == []
    assert "artifacts" not in told


@pytest.mark.parametrize(
    ("fraction", "quarters"), [(None, 0), (0.0, 0), (0.249, 0), (0.25, 1), (0.5, 2), (0.75, 3), (1.0, 3)]
)
def test_quarters_are_counted_once_they_are_done(fraction, quarters):
    assert quarter_of(fraction) == quarters


def test_outputs_keep_the_addresses_they_have():
    told = end_of(JOB, [replace(FILE, url="http://bucket/cat.png"), FILE], now=NOW)
    sent = with_links(told, lambda one: f"http://me/{one['id']}")
    assert [one["url"] for one in sent["output"]] == ["http://bucket/cat.png", "http://me/a1"]
    assert sent["output_url"] == "http://bucket/cat.png"
    assert sent["type"] == "job.completed"


def test_links_of_nothing_are_none():
    assert with_links({"type": "job.failed"}, str) == {"type": "job.failed", "output": [], "output_url": None}


def test_webhook_is_told_in_the_words_of_others_where_it_was_asked_for_so():
    body = with_links(end_of(JOB, [FILE], now=NOW), lambda output: f"https://x/{output['id']}")
    assert in_shape(body) is body
    told = in_shape({**body, "shape": "runpod"})
    assert told["output"] == {"images": [{"filename": "cat.png", "type": "s3_url", "data": "https://x/a1"}]}
