"""`comfy-api-simplified` (PyPI), which knows a host and no path, and says of no body that it is JSON."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from comfy_api_simplified import ComfyApiError, ComfyApiWrapper, ComfyWorkflowWrapper, NodeNotFoundError
from PIL import Image

from tests.components import together
from tests.contracts.graphs import Graph, endless, picture, scaled, text_to_image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.dialects.peer import Peer

T = TypeVar("T")
PATIENCE = 60.0
NOBODY = "00000000-0000-4000-8000-000000000000"
BEGIN = """
import json, sys, time
from comfy_api_simplified import ComfyApiWrapper

url, graph = sys.argv[1:]
api = ComfyApiWrapper(url)
prompt_id = api.queue_prompt(json.loads(graph), "a-client")["prompt_id"]
while not any(item[1] == prompt_id for item in api.get_queue()["queue_running"]):
    time.sleep(0.02)
print(prompt_id, flush=True)
while not api.get_history(prompt_id):
    time.sleep(0.02)
"""
"""A program of somebody's, which has its prompt done."""


@pytest.fixture(scope="module")
def api(peer: Peer) -> ComfyApiWrapper:
    return ComfyApiWrapper(peer.comfyui)


def titled(graph: Graph) -> ComfyWorkflowWrapper:
    """Give each node the title by which this client finds it."""
    return ComfyWorkflowWrapper(
        {node_id: {**node, "_meta": {"title": node["class_type"]}} for node_id, node in graph.items()}
    )


def sum_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def until(check: Callable[[], T]) -> T:
    """Return what a check gives as soon as that is something."""
    deadline = time.monotonic() + PATIENCE
    while not (given := check()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return given


def running(api: ComfyApiWrapper, graph: Graph) -> str:
    """Queue a prompt, and return its id once it runs."""
    prompt_id = api.queue_prompt(graph, "another-client")["prompt_id"]
    until(lambda: any(item[1] == prompt_id for item in api.get_queue()["queue_running"]))
    return prompt_id


def interrupted(api: ComfyApiWrapper, prompt_id: str) -> dict[str, Any]:
    """Interrupt whatever runs until a prompt has ended, and return what the history says of it."""

    def ended() -> dict[str, Any]:
        api.interrupt()
        return api.get_history(prompt_id)

    return until(ended)[prompt_id]


def test_what_a_comfyui_lists_is_listed(api: ComfyApiWrapper) -> None:
    assert api.get_embeddings() == ["tiny_embed"]
    assert api.get_system_stats()["system"]["comfyui_version"]
    assert "KSampler" in api.get_object_info()
    assert list(api.get_object_info("SaveImage")) == ["SaveImage"]
    assert api.get_queue() == {"queue_running": [], "queue_pending": []}
    assert api.get_history(NOBODY) == {}


def test_workflow_is_changed_by_titles_and_its_pictures_come_back(api: ComfyApiWrapper, peer: Peer) -> None:
    """Previews are what this client takes for pictures where there are some, so that there must be none."""
    workflow = titled(picture(prefix="simplified"))
    workflow.set_node_param("EmptyImage", "width", 24)
    made = api.queue_and_wait_images(workflow, "SaveImage")
    (name, content), *_ = made.items()
    assert name.startswith("simplified_")
    assert Image.open(io.BytesIO(content)).size == (24, 16)
    assert sum_of(content) in peer.made()
    with pytest.raises(NodeNotFoundError):
        workflow.set_node_param("Nowhere", "width", 24)


def test_prompt_is_followed_to_its_end(api: ComfyApiWrapper, peer: Peer) -> None:
    prompt_id, previews = asyncio.run(api.queue_prompt_and_wait(text_to_image(seed=4711)))
    assert all(Image.open(io.BytesIO(preview)).size for preview in previews)
    [image] = api.get_history(prompt_id)[prompt_id]["outputs"]["9"]["images"]
    assert sum_of(api.get_image(image["filename"], image["subfolder"], image["type"])) in peer.made()


def test_uploads_are_worked_on(api: ComfyApiWrapper, peer: Peer, tmp_path: Path) -> None:
    file = tmp_path / "teal.png"
    Image.new("RGB", (8, 8), "teal").save(file)
    sent = api.upload_image(file)
    assert (sent["subfolder"], sent["type"]) == ("default_upload_folder", "input")
    assert api.get_image(sent["name"], sent["subfolder"], "input") == file.read_bytes()
    made = api.queue_and_wait_images(titled(scaled(f"{sent['subfolder']}/{sent['name']}", size=4)), "SaveImage")
    [content] = made.values()
    assert sum_of(content) in peer.made()
    assert Image.open(io.BytesIO(content)).getpixel((0, 0)) == (0, 128, 128)


def test_what_cannot_be_is_refused(api: ComfyApiWrapper) -> None:
    graph = text_to_image()
    graph["4"]["inputs"]["ckpt_name"] = "nowhere.safetensors"
    with pytest.raises(ComfyApiError, match="Request failed with status code 400: Bad Request"):
        api.queue_prompt(graph)
    with pytest.raises(ComfyApiError, match="Request failed with status code 404: Not Found"):
        api.get_image("nowhere.png", "", "output")


def test_prompt_is_interrupted_and_others_wait_meanwhile(api: ComfyApiWrapper) -> None:
    first = running(api, endless())
    waiting = [api.queue_prompt(endless(seed), "another-client")["prompt_id"] for seed in (2, 3, 4)]
    assert api.get_queue_size_before(first) == 0
    assert api.get_queue_size_before(waiting[-1]) >= 1
    for prompt_id in (first, *waiting):
        assert interrupted(api, prompt_id)["status"]["status_str"] == "error"
    with pytest.raises(ValueError, match="prompt_id is not in the queue"):
        api.get_queue_size_before(first)


def test_killed_client_finds_its_prompt_again(api: ComfyApiWrapper, peer: Peer) -> None:
    graph = text_to_image(seed=815, steps=100)
    command = [*together(), sys.executable, "-c", BEGIN, peer.comfyui, json.dumps(graph)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        prompt_id = program.stdout.readline().strip()
        program.kill()
    history = until(lambda: api.get_history(prompt_id))
    [image] = history[prompt_id]["outputs"]["9"]["images"]
    assert sum_of(api.get_image(image["filename"], image["subfolder"], image["type"])) in peer.made()
