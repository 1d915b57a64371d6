"""`runpod-sdk` (npm), which asks an endpoint that has `worker-comfyui`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.dialects.calls import kill_in_mid_run, try_client

if TYPE_CHECKING:
    from tests.dialects.calls import Calls
    from tests.dialects.peer import Peer

PROGRAM = "runpod.mjs"
MADE = ("runSync", "statusSync", "status", "runSync with an image", "runSync with a data URI")


@pytest.fixture(scope="module")
def calls(comfygen: Peer) -> Calls:
    return try_client(PROGRAM, comfygen.url)


def test_workflow_runs_to_its_end(calls: Calls, comfygen: Peer) -> None:
    kept = comfygen.kept()
    for call in MADE:
        told = calls.result(call)
        assert (told["status"], told["completed"], told["succeeded"]) == ("COMPLETED", True, True), call
        assert told["times"] == ["number", "number"], call
        [image] = told["images"]
        assert image["type"] == "base64", call
        assert image["sha256"] in kept, call
    assert calls.result("runSync")["images"][0]["filename"].startswith("sampled_")


def test_job_is_queued_at_first(calls: Calls) -> None:
    assert calls.result("run") == [["id", "status"], "IN_QUEUE"]


def test_stream_gives_what_a_worker_yields(calls: Calls) -> None:
    assert calls.result("stream") >= 1
    assert calls.result("outputs of the stream")


def test_what_cannot_be_fails_as_a_worker_does(calls: Calls) -> None:
    failed = calls.result("runSync of what cannot be")
    assert (failed["status"], failed["completed"], failed["succeeded"]) == ("FAILED", True, False)
    assert "nowhere.safetensors" in failed["error"]
    assert calls.result("runSync without a workflow")["status"] == "FAILED"
    assert calls.error("status of nobody")["message"]
    assert calls.error("cancel of nobody")["message"]


def test_jobs_are_cancelled_and_purged(calls: Calls) -> None:
    health = calls.result("health")
    assert health["jobs"]["inProgress"] >= 1
    assert set(health["workers"]) >= {"idle", "running", "ready", "initializing", "throttled"}
    assert calls.result("purgeQueue")["status"] == "completed"
    assert calls.result("purgeQueue")["removed"] >= 1
    assert calls.result("cancel") == calls.result("cancel again") == "CANCELLED"
    assert calls.result("status of the cancelled") == {"status": "CANCELLED", "completed": True, "succeeded": False}
    assert set(calls.result("status of the purged")) == {"CANCELLED"}


def test_killed_client_finds_its_job_again(comfygen: Peer) -> None:
    job_id = kill_in_mid_run(PROGRAM, comfygen.url)
    calls = try_client(PROGRAM, comfygen.url, "resume", job_id)
    assert calls.result("status after the crash")["status"] in {"IN_PROGRESS", "COMPLETED"}
    [image] = calls.result("statusSync after the crash")["images"]
    assert image["sha256"] in comfygen.kept()
