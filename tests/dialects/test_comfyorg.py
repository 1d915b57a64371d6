"""`@comfyorg/sdk` (npm), the official client of Comfy API v2: every public method of it, and of the layer below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.dialects.calls import kill_in_mid_run, try_client

if TYPE_CHECKING:
    from tests.dialects.calls import Calls
    from tests.dialects.peer import Peer

PROGRAM = "comfyorg.mjs"
NO_PICTURE = {"status": "succeeded", "outputs": 1, "error": None}
DONE = dict.fromkeys(("run", "Job.refresh", "jobs.get", "Job.result"), NO_PICTURE)
REFUSED = {
    "run of what cannot be": ("InvalidWorkflow", "invalid_workflow", 422),
    "submit of the other format": ("WorkflowFormatUi", "workflow_format_ui", 422),
    "jobs.get of nobody": ("NotFound", "not_found", 404),
    "assets.get of nobody": ("NotFound", "not_found", 404),
    "assets.get of the deleted": ("NotFound", "not_found", 404),
    "assets.delete of nobody": ("NotFound", "not_found", 404),
    "submit of a missing asset": ("MissingAsset", "missing_asset", 422),
    "postAssets under another hash": ("HashMismatch", "hash_mismatch", 409),
    "assetFromHash of no blob": ("BlobNotFound", "blob_not_found", 404),
    "submit of another by the same key": ("IdempotencyKeyReuse", "idempotency_key_reuse", 422),
}
SENT = {
    "Asset.commit": {"id": "string", "filePath": "first.png", "createdNew": True},
    "Asset.hash": True,
    "Asset.commit of what is there": {"id": "string", "filePath": "again.png", "createdNew": False},
    "assets.get": {"id": "string", "filePath": "first.png", "createdNew": None},
    "assets.fromStream": {"id": "undefined", "filePath": "third.png", "createdNew": None},
    "Asset.asReference": ["core/ASSET", ["id", "hash", "file_path"]],
    "assets.fromUrl": {"id": "string", "filePath": "fourth.png", "createdNew": True},
    "Asset.delete": {"id": "undefined", "filePath": "third.png", "createdNew": True},
    "assets.delete": None,
}
LOWER = {
    "low.headAssetByHash": True,
    "low.headAssetByHash of no blob": False,
    "low.assetFromHash": [True, False],
    "low.getAsset": [True, 111],
    "low.getAssetContent": [206, "bytes 1-3/111", "PNG"],
    "low.getAssetContentUrl": 111,
    "low.deleteAsset": None,
    "low.postJobs": ["queued", ["self", "events", "cancel"]],
    "low.getJobWorkflow": "api",
    "low.cancelJob": "succeeded",
}
JOB = {"id", "status", "created_at", "started_at", "completed_at", "expires_at", "queue_position", "progress", "error"}
OUTPUT = {"node_id", "name", "type", "content_type", "size_bytes", "id", "hash", "url", "url_expires_at", "job_id"}


@pytest.fixture(scope="module")
def calls(peer: Peer) -> Calls:
    told = try_client(PROGRAM, peer.url)
    peer.settle()  # what the proxy could not cancel
    return told


def test_workflow_runs_to_its_end(calls: Calls) -> None:
    assert calls.results(DONE) == DONE
    assert calls.result("Job.workflow") == ["api", 3]


def test_pictures_are_downloaded_byte_for_byte(calls: Calls, peer: Peer) -> None:
    picture = calls.result("Job.getOutputs")
    assert picture["sha256"] in peer.kept()
    assert (picture["nodeId"], picture["type"], picture["contentType"]) == ("9", "image", "image/png")
    assert calls.result("Job.getOutputs of no node") == []
    whole = {"size": picture["size"], "sha256": picture["sha256"]}
    assert calls.result("Output.toFile") == calls.result("Output.getDownloadUrl") == whole
    assert calls.result("Output.toBytes of a range") == "89504e470d0a1a0a"
    asset = calls.result("assets.get of an output")
    assert (asset["filePath"], asset["isOfJob"]) == (picture["name"], True)
    assert picture["sizeBytes"] == (picture["size"] if peer.is_ours else 0)  # the proxy does not look


def test_events_tell_how_a_job_goes_on(calls: Calls, peer: Peer) -> None:
    told = calls.result("Job.events")
    states = [status for kind, status in told if kind == "statusChange"]
    assert states[-2:] == ["running", "succeeded"]
    steps = [step for kind, step in told if kind == "progress" and step]
    assert steps == sorted(steps)
    assert steps or not peer.is_ours  # the proxy's first events are of nodes, which this client takes for further
    assert "outputReady" in [kind for kind, _ in told] or not peer.is_ours  # the proxy's may come after the end
    assert told[-1] == ["statusChange", "succeeded"]
    assert calls.result("progress")["grows"] is True
    assert calls.result("previews")
    assert all(preview == ["3", "image/jpeg", True] for preview in calls.result("previews"))
    assert calls.result("Job.events of what has ended") == ["statusChange", "succeeded"]


def test_what_cannot_be_is_refused_with_the_clients_own_errors(calls: Calls) -> None:
    told = {call: calls.error(call) for call in REFUSED}
    assert {call: (error["name"], error["code"], error["httpStatus"]) for call, error in told.items()} == REFUSED
    [problem] = told["run of what cannot be"]["details"]["node_errors"]["4"]["errors"]
    assert problem["type"] == "value_not_in_list"


def test_files_are_sent_once_and_worked_on(calls: Calls, peer: Peer) -> None:
    assert calls.results(SENT) == SENT
    status, picture = calls.result("run with an asset")
    assert status == "succeeded"
    assert picture["sha256"] in peer.kept()


def test_operations_below_the_client_answer_alike(calls: Calls, peer: Peer) -> None:
    assert calls.results(LOWER) == LOWER
    asset = calls.result("low.postAssets")
    assert (asset["file_path"], asset["size_bytes"], asset["created_new"]) == ("low.png", 111, True)
    assert "status" in calls.result("low.getJobEvents")
    assert "output" in calls.result("low.getJobEvents") or not peer.is_ours  # the proxy forgets what was before
    told = calls.result("low.getJob")
    assert set(told["job"]) >= JOB
    assert set(told["output"]) >= OUTPUT


def test_key_that_comes_again_means_the_same_job(calls: Calls, peer: Peer) -> None:
    """The proxy refuses it instead; the client's documents tell of both."""
    if peer.is_ours:
        assert calls.result("submit by the same key") is True
    else:
        assert calls.error("submit by the same key")["code"] == "idempotency_key_reuse"


def test_any_number_of_streams_is_served(calls: Calls, peer: Peer) -> None:
    """The proxy has eight, and refuses the rest."""
    if peer.is_ours:
        assert calls.result("low.getJobEvents by twelve") == ["succeeded"] * 12
    else:
        assert calls.error("low.getJobEvents by twelve")["code"] == "too_many_streams"


def test_cancelled_job_ends(calls: Calls, peer: Peer) -> None:
    """The proxy cancels by a route that this ComfyUI does not have yet, so that the job goes on."""
    assert "not terminal after 1ms" in calls.error("Job.wait in vain")["message"]
    assert calls.result("Job.cancel") is True
    assert calls.error("submit that is aborted")["name"] == "DOMException"
    if peer.is_ours:
        assert calls.error("Job.result of the cancelled")["message"].endswith("ended canceled")
        assert calls.result("Job.cancel again")["status"] == "canceled"


def test_killed_client_finds_its_job_again(peer: Peer) -> None:
    job_id = kill_in_mid_run(PROGRAM, peer.url)
    calls = try_client(PROGRAM, peer.url, "resume", job_id)
    assert calls.result("jobs.get after the crash")["status"] in {"running", "succeeded"}
    assert calls.result("Job.events after the crash") == "succeeded"
    assert calls.result("Job.result after the crash")["sha256"] in peer.kept()
