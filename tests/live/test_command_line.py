"""The command line against a real ComfyUI."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from comfy_gen.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.live.comfyui.server import ComfyUI

SMALL = ("--width", "64", "--height", "64", "--steps", "2")


@pytest.fixture
def comfygen(
    comfyui: ComfyUI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., dict[str, Any]]:
    """Run a command in an empty folder and return its exit code and its JSON."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMFYUI_API_BASE", comfyui.url)

    def run(*arguments: object) -> dict[str, Any]:
        code = main([*map(str, arguments), "--json"])
        return {"code": code, **json.loads(capsys.readouterr().out)}

    return run


def pixels(path: str) -> bytes:
    with Image.open(path) as image:
        return image.tobytes()


def test_prompt_becomes_a_picture_that_can_be_repeated(comfygen: Callable[..., dict[str, Any]]) -> None:
    made = comfygen("generate", "a lighthouse", *SMALL, "--seed", 7)
    assert made["code"] == 0
    assert made["engine"]["name"].startswith("ComfyUI ")
    path = made["files"][0]["path"]
    assert comfygen("info", path)["settings"]["seed"] == 7
    again = comfygen("generate", "--from", path, "-o", "again.png")
    assert again["code"] == 0
    assert pixels("again.png") == pixels(path)


def test_picture_and_lora_are_used(comfygen: Callable[..., dict[str, Any]]) -> None:
    Image.new("RGB", (90, 60), "green").save("in.png")
    options = ("-i", "in.png", "--resize", "64x64", "--crop", "cover", "--denoise", 0.5, "--steps", 2)
    made = comfygen("generate", "a fox", *options, "--lora", "tiny_lora:0.5")
    assert (made["code"], made["workflow"]) == (0, "sd15-img2img")
    assert "tiny_lora.safetensors" in str(comfygen("info", made["files"][0]["path"])["workflow"])


def test_everything_wrong_is_told_before_anything_is_sent(comfygen: Callable[..., dict[str, Any]]) -> None:
    said = comfygen("generate", "x", "-w", "sd15", "--model", "tiny_sd51", "--width", 63, "--sampler", "eulr")
    assert (said["code"], said["error"]["code"]) == (2, "invalid_request")
    for words in ("multiple of 8", "'tiny_sd51'", "tiny_sd15", "'eulr'", "euler"):
        assert words in said["error"]["message"]


def test_ctrl_c_stops_it_on_the_server(comfyui: ComfyUI, tmp_path: Path) -> None:
    environment = {**os.environ, "COMFYUI_API_BASE": comfyui.url}
    arguments = ["generate", "a fox", *SMALL[:-1], "5000", "--json-progress"]
    command = [sys.executable, "-m", "comfy_gen", *arguments]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        update = next(json.loads(line) for line in process.stdout if '"progress"' in line)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 130
    assert os.listdir(tmp_path) == []
    from comfy_gen.comfyui import ComfyUIClient, Ending

    with ComfyUIClient(url=comfyui.url) as client:
        assert client.attach(update["prompt_id"]).result(60).ending is Ending.INTERRUPTED


def test_script_functions_work(comfyui: ComfyUI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from comfy_gen import generate

    monkeypatch.setattr(generate, "COMFYUI_HOST", comfyui.url)
    models = generate.get_available_models()
    assert models is not None
    workflow = generate.load_workflow("workflows/sd15.json")
    workflow["1"]["inputs"]["ckpt_name"] = models["checkpoints"][0]
    workflow["4"]["inputs"] |= {"width": 64, "height": 64}
    assert generate.validate_workflow_models(workflow, models)[0]
    generate.modify_sampler_params(generate.modify_prompt(workflow, "a fox", "fog"), steps=2, seed=3)
    status = generate.wait_for_completion(generate.queue_workflow(workflow) or "")
    assert generate.download_output(status, str(tmp_path / "a.png"))
    generate._client().close()
    generate._client_of.cache_clear()
