"""The HTTP service over a real ComfyUI, beyond what the pages show: those are done by ``tests/docs``."""

from __future__ import annotations

import hashlib
import io
import uuid
from typing import TYPE_CHECKING, Any

import pytest
import requests
from PIL import Image

from tests.contracts.graphs import CHECKPOINT
from tests.served import ServedProcess, environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.live.comfyui.server import ComfyUI

SMALL = {"prompt": "a fox", "width": 64, "height": 64, "steps": 2}


@pytest.fixture
def served(comfyui: ComfyUI, tmp_path: Path) -> Iterator[ServedProcess]:
    """A service of the test's own."""
    with ServedProcess(tmp_path, environment_of(comfyui.url, tmp_path)) as served:
        yield served


def test_prompt_becomes_a_picture_that_can_be_fetched_in_parts(served: ServedProcess) -> None:
    status, result = served.ask("/generate/sync", {**SMALL, "seed": 5, "model": "tiny_sd15"})
    assert (status, result["status"]) == (200, "completed")
    (output,) = result["output"]
    assert (output["width"], output["height"], output["media_type"]) == (64, 64, "image/png")
    whole = requests.get(output["url"], timeout=30).content
    assert hashlib.sha256(whole).hexdigest() == output["sha256"]
    part = requests.get(output["url"], headers={"Range": "bytes=1-3"}, timeout=30)
    assert (part.status_code, part.content) == (206, b"PNG")


def test_jobs_survive_the_death_of_the_service(served: ServedProcess) -> None:
    ids = [served.ask("/generate", {**SMALL, "steps": 40, "request_id": str(uuid.uuid4())})[1]["id"] for _ in range(3)]
    served.kill()
    served.start()
    results = [last_of(served, one) for one in ids]
    assert [one["status"] for one in results] == ["completed"] * 3
    assert len({one["output"][0]["sha256"] for one in results}) == 3


def test_uploaded_workflow_is_run_by_name_with_an_uploaded_picture(served: ServedProcess) -> None:
    content = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(content, "PNG")
    uploaded = requests.post(f"{served.url}/uploads", files={"file": content.getvalue()}, timeout=30).json()
    sampling: dict[str, Any] = {"sampler_name": "euler", "scheduler": "normal", "denoise": 0.6}
    wired = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["11", 0]}
    graph = {
        "3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 2, "cfg": 7.0, **sampling, **wired}},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": CHECKPOINT}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "fog", "clip": ["4", 1]}},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "output"}},
        "10": {"class_type": "LoadImage", "inputs": {"image": "example.png", "upload": "image"}},
        "11": {"class_type": "VAEEncode", "inputs": {"pixels": ["10", 0], "vae": ["4", 2]}},
    }
    saved = requests.put(f"{served.url}/workflows/mine", json=graph, timeout=30)
    assert saved.status_code == 201
    assert {"prompt", "image", "seed", "denoise"} < saved.json()["input_schema"]["properties"].keys()
    inputs = {"prompt": "a paper boat", "image": uploaded["image"], "seed": 3, "denoise": 0.4}
    status, result = served.ask("/workflows/mine/run?wait=60", {"inputs": inputs})
    assert (status, result["status"]) == (200, "completed"), result["message"]


def test_stream_shows_what_it_looks_like_on_the_way(served: ServedProcess) -> None:
    # Of the general tier nothing is shown before it was looked at, where the extra `safety` is installed.
    job = served.ask("/generate", {**SMALL, "steps": 12, "policy_tier": "mature"})[1]["id"]
    answer = requests.get(f"{served.url}/jobs/{job}/events?previews=data", stream=True, timeout=60)
    names = [line.partition(": ")[2] for line in answer.iter_lines(decode_unicode=True) if line.startswith("event:")]
    assert names[-1] == "end"
    assert {"state", "progress", "preview"} < set(names)


def last_of(served: ServedProcess, job: str) -> dict[str, Any]:
    """Return the result of a job once it has ended."""
    with requests.get(f"{served.url}/generate/{job}/stream", stream=True, timeout=60) as stream:
        for _ in stream.iter_lines():
            pass
    return served.ask(f"/result/{job}")[1]
