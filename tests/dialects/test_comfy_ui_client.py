"""`comfy-ui-client` (npm), which knows a host and a path."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.dialects.calls import kill_in_mid_run, try_client

if TYPE_CHECKING:
    from tests.dialects.calls import Calls
    from tests.dialects.peer import Peer

PROGRAM = "comfy-ui-client.mjs"
LISTED = {
    "connect": None,
    "disconnect": None,
    "getEmbeddings": ["tiny_embed"],
    "getExtensions": True,
    "getHistory of nobody": {},
    "getObjectInfo of one": ["SaveImage"],
    "getPrompt": {"exec_info": {"queue_remaining": 0}},
    "getQueue when idle": {"queue_running": [], "queue_pending": []},
    "getHistory of the forgotten": {},
}
NOT_JSON = ("SyntaxError", "Unexpected end of JSON input")
"""How this client fails where a ComfyUI's answer is empty: what it asked for is done."""
FAILS = {
    "getImages without a socket": (
        "Error",
        "WebSocket client is not connected. Please call connect() before interacting.",
    ),
    "viewMetadata": NOT_JSON,
    "interrupt": NOT_JSON,
    "editHistory": NOT_JSON,
}


@pytest.fixture(scope="module")
def calls(peer: Peer) -> Calls:
    return try_client(PROGRAM, peer.comfyui_path)


def test_what_a_comfyui_lists_is_listed(calls: Calls) -> None:
    assert calls.results(LISTED) == LISTED
    assert calls.result("getObjectInfo") > 100
    assert calls.result("getSystemStats")["comfyui_version"]


def test_calls_that_fail_on_a_comfyui_fail_alike(calls: Calls) -> None:
    assert calls.errors(FAILS) == FAILS
    assert calls.error("uploadMask")["name"] == "SyntaxError"  # it sends another field than a ComfyUI reads


def test_pictures_are_downloaded_byte_for_byte(calls: Calls, peer: Peer) -> None:
    ((node, [image]),) = calls.result("getImages").items()
    assert (node, image["type"]) == ("9", "output")
    assert image["filename"].startswith("sampled_")
    assert image["sha256"] in peer.made()
    assert calls.result("saveImages")["sha256"] == image["sha256"]


def test_history_tells_how_a_prompt_ended(calls: Calls) -> None:
    told = calls.result("getHistory")
    number, prompt_id, graph, extra_data, outputs = told["prompt"]
    assert prompt_id == calls.result("queuePrompt")["prompt_id"]
    assert number == calls.result("queuePrompt")["number"]
    assert graph["1"]["class_type"] == "EmptyImage"
    assert set(extra_data) >= {"client_id", "create_time"}
    assert outputs == ["2"]
    assert (told["status"]["status_str"], told["status"]["completed"]) == ("success", True)
    assert [kind for kind, _ in told["status"]["messages"]] == [
        "execution_start",
        "execution_cached",
        "execution_success",
    ]
    assert told["meta"] == {"2": {"node_id": "2", "display_node": "2", "parent_node": None, "real_node_id": "2"}}


def test_workflow_that_cannot_run_is_refused_in_a_comfyuis_words(calls: Calls) -> None:
    told = json.loads(calls.error("queuePrompt of what cannot be")["message"])
    assert told["error"]["type"] == "prompt_outputs_failed_validation"
    [error] = told["node_errors"]["4"]["errors"]
    assert (error["type"], error["extra_info"]["received_value"]) == ("value_not_in_list", "nowhere.safetensors")
    assert told["node_errors"]["4"]["dependent_outputs"] == ["9"]


def test_uploads_are_found_again_and_worked_on(calls: Calls, peer: Peer) -> None:
    sent = calls.result("uploadImage")
    assert (sent["name"], sent["subfolder"], sent["type"]) == ("red.png", "", "input")
    assert calls.result("getImage of an upload")["size"] == 75
    [image] = calls.result("getImages from an upload")["2"]
    assert image["sha256"] in peer.made()


def test_interrupted_prompt_says_so(calls: Calls) -> None:
    [[_, _, graph, _]] = calls.result("getQueue")
    assert graph["3"]["inputs"]["steps"] == 10_000
    status = calls.result("getHistory of the interrupted")
    assert (status["status_str"], status["completed"]) == ("error", False)
    kind, data = status["messages"][-1]
    assert (kind, "4" in data["executed"]) == ("execution_interrupted", True)


def test_killed_client_finds_its_prompt_again(peer: Peer) -> None:
    prompt_id = kill_in_mid_run(PROGRAM, peer.comfyui_path)
    calls = try_client(PROGRAM, peer.comfyui_path, "resume", prompt_id)
    assert calls.result("getQueue or getHistory after the crash") is True
    assert calls.result("getImage after the crash")["sha256"] in peer.made()
