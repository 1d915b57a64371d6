"""An agent makes, watches and cancels pictures of a real ComfyUI, over stdio and over HTTP."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.e2e.test_mcp import SERVE, call, go_on, over_http, over_stdio
from tests.served import ServedProcess, environment_of

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from mcp.client.client import Client

    from tests.live.comfyui.server import ComfyUI

SMALL = {"prompt": "a fox", "model": "tiny_sd15", "width": 64, "height": 64, "steps": 2}


@pytest.fixture
def environment(comfyui: ComfyUI, tmp_path: Path) -> dict[str, str]:
    """That of a program with a queue of its own."""
    return environment_of(comfyui.url, tmp_path, COMFYGEN_QUALITY_MODEL="none")


async def test_picture_is_made_and_shown(environment: dict[str, str], tmp_path: Path):
    async with over_stdio(environment, tmp_path) as client:
        result = await client.call_tool("generate_image", {**SMALL, "output_path": "fox.png", "json_progress": True})
        answer = result.structured_content or {}
        valid = await call(client, "validate_workflow", prompt="a fox", model="tiny_sd15", width=64, height=64)
        models = await call(client, "list_models")
    assert answer["status"] == "completed", answer
    assert answer["progress_updates"][0]["type"] == "connected"
    assert answer["progress_updates"][-1]["type"] == "complete"
    with Image.open(answer["local_path"]) as saved:
        assert saved.size == (64, 64)
    (shown,) = [one for one in result.content if one.type == "image"]
    assert Image.open(io.BytesIO(base64.b64decode(shown.data))).size == (64, 64)
    assert valid["is_valid"], valid
    assert any("tiny_sd15" in one["name"] for one in models["models"])


async def test_long_job_is_watched_and_cancelled_for_good(environment: dict[str, str], tmp_path: Path):
    with ServedProcess(tmp_path, environment, SERVE) as service:

        def connect() -> AbstractAsyncContextManager[Client]:
            return over_http(service)

        async with connect() as client:
            begun = await call(client, "generate_image", **{**SMALL, "steps": 10_000}, timeout=1)
            progress = await call(client, "get_progress", prompt_id=begun["prompt_id"])
            ended = await call(client, "cancel", prompt_id=begun["prompt_id"])
        assert progress["status"] in ("running", "pending")
        assert ended["status"] == "cancelled"
        assert service.ask(f"/jobs/{begun['job_id']}")[1]["state"] == "cancelled"


async def test_job_is_driven_to_its_end_over_a_restart(environment: dict[str, str], tmp_path: Path):
    with ServedProcess(tmp_path, environment, SERVE) as service:

        def connect() -> AbstractAsyncContextManager[Client]:
            return over_http(service)

        async with connect() as client:
            begun = await call(client, "generate_image", **{**SMALL, "steps": 400}, timeout=0)
        service.kill()
        service.start()
        done = await go_on(connect, begun)
    assert (done["status"], done["job_id"]) == ("completed", begun["job_id"])
