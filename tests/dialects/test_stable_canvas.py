"""`@stable-canvas/comfyui-client` (npm), whose socket knows a host and no path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.dialects.calls import kill_in_mid_run, try_client

if TYPE_CHECKING:
    from tests.dialects.calls import Calls
    from tests.dialects.peer import Peer

PROGRAM = "stable-canvas.mjs"
LISTED = {
    "connect": True,
    "getCNetModels": True,
    "getEmbeddings": ["tiny_embed"],
    "getExtensions": True,
    "getLoRAs": True,
    "getModelFolders": True,
    "getModels": True,
    "getNodeDefs": True,
    "getSDModels": True,
    "getSamplers": True,
    "getSchedulers": True,
    "getVAEs": True,
    "free": None,
    "Plugin": ["/embeddings"],
    "connect by polling": True,
    "close": None,
}
KEPT = {
    "storeSettings": 200,
    "storeSetting": 200,
    "getSetting": {"b": 2},
    "getSettings": [1, {"b": 2}],
    "storeUserData": None,
    "getUserData": {"a": 1},
}
NOT_JSON = ("SyntaxError", "Unexpected end of JSON input")
"""How this client fails where a ComfyUI answers with a status and nothing else."""
FAILS = dict.fromkeys(("getModels of no folder", "viewMetadata", "getUserData of no file"), NOT_JSON)
STOPPED = {
    "InvokedWorkflow.query": {"running": False, "pending": True, "done": False},
    "getQueue": [True, True],
    "getPromptStatus of the deleted": {"running": False, "pending": False, "done": True},
    "getItems": {"Running": [], "Pending": []},
    "getHistory": True,
    "getHistory of the rest": False,
    "InvokedWorkflow.interrupt of the pending": None,
    "InvokedWorkflow.interrupt": None,
    "deleteItem": None,
    "deleteItem of the history": None,
    "clearItems": None,
    "interrupt when idle": None,
}
MADE = ("enqueue", "enqueue_polling", "runPrompt", "getPromptResult")
MADE_BY_WORKFLOWS = ("Workflow.invoke", "Workflow.invoke_polling", "InvokedWorkflow.wait_polling")


@pytest.fixture(scope="module")
def calls(peer: Peer) -> Calls:
    return try_client(PROGRAM, peer.comfyui)


def test_what_a_comfyui_lists_is_listed(calls: Calls) -> None:
    assert calls.results(LISTED) == LISTED
    assert calls.result("getSystemStats")["devices"][0]["type"] in {"cpu", "cuda"}
    assert "queue_remaining" in calls.result("status by polling")["exec_info"]


def test_settings_and_files_of_a_person_are_kept(calls: Calls) -> None:
    assert calls.result("getUserConfig")["storage"] == "server"
    assert calls.results(KEPT) == KEPT


def test_calls_that_fail_on_a_comfyui_fail_alike(calls: Calls) -> None:
    assert calls.errors(FAILS) == FAILS
    for call in ("getLogs", "getRawLogs"):  # it asks for a path that is an address
        assert calls.error(call)["name"] in {"SyntaxError", "g"}


def test_events_of_a_prompt_come_in_a_comfyuis_order(calls: Calls) -> None:
    told = calls.result("events")
    nodes = [node for kind, node in told if kind == "executing"]
    assert [kind for kind, _ in told if kind != "executing"] == [
        *("execution_start", "execution_cached"),
        *["progress"] * 4,
        *("executed", "execution_success"),
    ]
    assert set(nodes[:-3]) == {"3", "4", "5", "6", "7"}
    assert nodes[-3:] == ["8", "9", None]
    assert told[-2:] == [["execution_success", None], ["executing", None]]
    assert calls.result("events of one prompt") is True
    assert calls.result("progress") == [[1, 4], [2, 4], [3, 4], [4, 4]]


def test_previews_are_shown(calls: Calls) -> None:
    previews = calls.result("b_preview")
    assert previews
    assert all(size for _, size in previews)
    assert {kind for kind, _ in previews} <= {"image/png", "image/jpeg"}


def test_pictures_are_downloaded_byte_for_byte(calls: Calls, peer: Peer) -> None:
    made = peer.made()
    for call in (*MADE, *MADE_BY_WORKFLOWS):
        [picture] = calls.result(call)["urls"]
        assert picture["sha256"] in made, call
    assert calls.result("BasePipe.wait")[-1]["sha256"] in made
    assert calls.result("outToB64Urls").startswith("data:image/")
    assert calls.result("getPromptStatus") == {"running": False, "pending": False, "done": True}
    [image] = calls.result("getPromptOutputs")["9"]["images"]
    assert image["type"] == "output"


def test_workflows_that_cannot_run_are_refused_in_a_comfyuis_words(calls: Calls) -> None:
    refused = calls.error("enqueue of what cannot be")
    assert (refused["status"], refused["json"]["error"]["type"]) == (400, "prompt_outputs_failed_validation")
    for call, unknown in {
        "Workflow.invoke of an unknown node": "NoSuchNode",
        "EfficientPipe": "Efficient Loader",
        "BasePipe with a picture": "ETN_LoadImageBase64",
    }.items():
        refused = calls.error(call)
        assert (refused["status"], refused["json"]["error"]["type"]) == (400, "invalid_prompt")
        assert refused["json"]["error"]["message"] == f"Cannot execute because node {unknown} does not exist."
    assert calls.error("getPromptResult of nobody")["message"].endswith("not found in history")


def test_prompts_are_deleted_and_interrupted(calls: Calls) -> None:
    assert calls.results(STOPPED) == STOPPED
    assert calls.error("InvokedWorkflow.wait of the interrupted")["message"] == "Execution has been interrupted"
    assert calls.error("getPromptResult of the deleted")["message"].endswith("not found in history")
    assert calls.error("getPromptResult of the interrupted")["message"].endswith("failed with status: error")


def test_socket_that_broke_is_taken_up_again(calls: Calls, peer: Peer) -> None:
    assert calls.result("reconnected") is True
    [picture] = calls.result("InvokedWorkflow.wait after a reconnect")["urls"]
    assert picture["sha256"] in peer.made()


def test_killed_client_finds_its_prompt_again(peer: Peer) -> None:
    prompt_id = kill_in_mid_run(PROGRAM, peer.comfyui)
    calls = try_client(PROGRAM, peer.comfyui, "resume", prompt_id)
    assert calls.result("getPromptStatus after the crash")["pending"] is False
    assert calls.result("waitForPrompt after the crash") is None
    [picture] = calls.result("getPromptResult after the crash")["urls"]
    assert picture["sha256"] in peer.made()
