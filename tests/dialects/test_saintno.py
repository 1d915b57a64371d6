"""`@saintno/comfyui-sdk` (npm), which knows an address, and says of no body that it is JSON."""

from __future__ import annotations

import hashlib
import json
import secrets
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.contracts.graphs import text_to_image
from tests.dialects.calls import clients, kill_in_mid_run, node, try_client

if TYPE_CHECKING:
    from pathlib import Path

    from tests.dialects.calls import Calls
    from tests.dialects.peer import Peer

PROGRAM = "saintno.mjs"
LISTED = {
    "init": True,
    "ping": True,
    "availableFeatures": {"manager": False, "monitor": False},
    "osType": "posix",
    "pollStatus": {"exec_info": {"queue_remaining": 0}},
    "getQueue": {"queue_running": [], "queue_pending": []},
    "getHistory of nobody": None,
    "getTerminalLogs": [True, "object"],
    "setTerminalSubscription": None,
    "getExtensions": True,
    "getEmbeddings": ["tiny_embed"],
    "getCheckpoints": True,
    "getLoras": True,
    "getSamplerInfo": [True, True],
    "getNodeDefs": True,
    "getNodeDefs of one": ["SaveImage"],
    "getNodeDefs of none": None,
    "getFeatures": True,
    "getModelTypes": True,
    "getModels": True,
    "getModelFolders": True,
    "getModelFiles": True,
    "getWorkflowTemplates": {},
    "getViewMetadata": {},
    "freeMemory": True,
    "monitor.getHddList": None,
    "destroy": None,
}
KEPT = {
    "storeSettings": None,
    "storeSetting": None,
    "getSetting": "four",
    "getSettings": [3, "four"],
    "storeUserData": 200,
    "storeUserData over another": 409,
    "getUserData": {"a": 1},
    "moveUserData": 200,
    "listUserData": ["b.json"],
    "deleteUserData": None,
    "getUserData of no file": 404,
}
SENT = {"name": "blue.png", "subfolder": "sdk", "type": "input", "filename": "blue.png"}
STOPPED = {
    "queuePrompt in front": True,
    "getQueue with prompts in it": True,
    "manageQueue deletes": None,
    "getQueue without the deleted": True,
    "manageQueue clears": None,
    "getQueue that was cleared": [],
    "interrupt": None,
    "clearHistory deletes": None,
}


@pytest.fixture(scope="module")
def calls(peer: Peer) -> Calls:
    return try_client(PROGRAM, peer.comfyui_path)


def test_what_a_comfyui_lists_is_listed(calls: Calls) -> None:
    assert calls.results(LISTED) == LISTED
    assert calls.result("getSystemStats")["os"] == "posix"
    assert calls.error("getModelFiles of no folder")["message"] == "Failed to fetch model files: 404 Not Found"
    assert calls.error("manager.getVersion")["message"] == "Failed to get version"


def test_settings_and_files_of_a_person_are_kept(calls: Calls) -> None:
    assert calls.result("getUserConfig")["storage"] == "server"
    assert calls.results(KEPT) == KEPT
    assert ["sdk", "directory"] in calls.result("listUserDataV2")


def test_events_of_a_prompt_come_in_a_comfyuis_order(calls: Calls) -> None:
    told = calls.result("events")
    kinds = [kind for kind, _ in told if kind != "executing"]
    assert kinds == ["execution_start", "execution_cached", *["progress"] * 4, "executed", "execution_success"]
    assert told[-2:] == [["execution_success", None], ["executing", None]]
    history = calls.result("getHistory")
    assert history["messages"] == ["execution_start", "execution_cached", "execution_success"]
    assert (history["status_str"], history["completed"], list(history["outputs"])) == ("success", True, ["9"])
    assert calls.result("getHistories") is True
    assert calls.result("getHistories of one") == 1


def test_wrapper_is_called_back_at_each_turn(calls: Calls, peer: Peer) -> None:
    """It begins to listen to steps once it has asked for the history, so that it may miss the first."""
    done = calls.result("CallWrapper.run")
    told = [event[0] for event in done["told"]]
    assert list(dict.fromkeys(kind for kind in told if kind != "preview")) == [
        *("pending", "start", "progress", "output", "finished"),
    ]
    steps = [event[1:] for event in done["told"] if event[0] == "progress"]
    assert steps == [[step, 40] for step in range(41 - len(steps), 41)]
    assert ["preview", True] in done["told"]
    assert done["image"]["sha256"] in peer.made()


def test_wrapper_has_the_pictures_of_every_kind_of_workflow(calls: Calls, peer: Peer) -> None:
    for call in ("CallWrapper.run of what is made already", "WorkflowBuilder.build", "PromptBuilder.bypass"):
        done = calls.result(call)
        assert done["told"][-1] == ["finished", ["images"]], call
        assert done["image"]["sha256"] in peer.made(), call
    missing = calls.result("PromptBuilder.bypass of no node")
    assert missing["told"][0] == ["failed", "MissingNodeError", None]


def test_workflow_that_cannot_run_is_refused_in_a_comfyuis_words(calls: Calls) -> None:
    refused = calls.error("queuePrompt of what cannot be")
    assert refused["status"] == 400
    assert json.loads(refused["body"])["error"]["type"] == "prompt_outputs_failed_validation"
    failed = calls.result("CallWrapper.run of what cannot be")["told"][0]
    assert failed == ["failed", "EnqueueFailedError", "prompt_outputs_failed_validation"]


def test_uploads_are_found_again_and_worked_on(calls: Calls, peer: Peer) -> None:
    assert calls.results(("uploadImage", "uploadImage again")) == {"uploadImage": SENT, "uploadImage again": SENT}
    assert calls.result("getPathImage") == calls.result("getImage")
    assert calls.result("getImage")["size"] == 75
    assert calls.result("uploadMask")["type"] == "input"
    assert calls.result("getHistory of an upload")["sha256"] in peer.made()


def test_prompts_are_deleted_and_interrupted(calls: Calls) -> None:
    assert calls.results(STOPPED) == STOPPED
    told = calls.result("CallWrapper.run of the interrupted")["told"]
    assert ["failed", "ExecutionInterruptedError", "KSampler"] in told


def test_pool_of_clients_has_its_jobs_done(calls: Calls, peer: Peer) -> None:
    pictures = calls.result("ComfyPool.batch")
    more = [calls.result("ComfyPool.run"), calls.result("ComfyPool.run by another mode")]
    assert len({one["sha256"] for one in (*pictures, *more)} & peer.made()) == 6
    assert calls.result("ComfyPool.pickById") is True
    assert {"init", "added", "ready", "add_job", "executing", "executed"} <= set(calls.result("ComfyPool events"))


def test_socket_that_broke_is_taken_up_again(calls: Calls) -> None:
    assert calls.result("reconnectWs") is True


def test_killed_client_finds_its_prompt_again(peer: Peer) -> None:
    prompt_id = kill_in_mid_run(PROGRAM, peer.comfyui_path)
    calls = try_client(PROGRAM, peer.comfyui_path, "resume", prompt_id)
    assert calls.result("getQueue or getHistory after the crash") is True
    assert calls.result("getHistory after the crash")["sha256"] in peer.made()


def test_command_line_runs_a_workflow_and_downloads_what_it_made(peer: Peer, tmp_path: Path) -> None:
    (tmp_path / "workflow.json").write_text(json.dumps(text_to_image(prefix="cfli")), encoding="utf-8")
    command = [node(), clients() / "@saintno/comfyui-sdk/dist/cli.js", "-H", peer.comfyui_path, "--json"]
    words = ["-f", "workflow.json", "-i", f"3.inputs.seed={secrets.randbelow(2**32)}", "-d", "-o", "out"]
    done = subprocess.run([*command, *words], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    told = json.loads(done.stdout)
    assert (told["status"], done.returncode) == ("completed", 0)
    [picture] = (tmp_path / "out").iterdir()
    assert hashlib.sha256(picture.read_bytes()).hexdigest() in peer.made()
