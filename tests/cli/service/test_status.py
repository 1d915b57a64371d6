"""What a ComfyUI says of itself, and what its files take."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_gen.cli.service.status import Answer, Report, ask_all, devices_of, disk_of, last_models
from comfy_gen.comfyui.http import ClientOptions
from comfy_gen.supervisor.instance import Instance
from comfy_gen.supervisor.state import Look
from comfy_gen.workflows.catalogue import load_template
from tests.supervisor.fake_comfyui import instance_of, make_comfyui

STATS = {
    "devices": [
        {"name": "cuda:0 Some", "type": "cuda", "vram_total": 10, "vram_free": 4, "torch_vram_total": 3},
        {"name": "odd", "vram_total": "much"},
    ]
}


def test_devices_are_told_with_what_they_have_and_none_where_nobody_knows():
    first, second = devices_of(STATS)
    assert (first.name, first.memory_total, first.memory_free, first.torch_total, first.torch_free) == (
        "cuda:0 Some",
        10,
        4,
        3,
        None,
    )
    assert (second.type, second.memory_total) == ("", None)
    assert list(devices_of({})) == []


def test_models_are_those_of_the_newest_prompt_each_once():
    graph = {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}},
        "2": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}},
        "3": {"class_type": "VAELoader", "inputs": {"vae_name": "b.safetensors"}},
    }
    history = {"old": {"prompt": [0, "old", {}]}, "new": {"prompt": [1, "new", graph]}}
    assert list(last_models(history)) == ["checkpoints/a.safetensors", "vae/b.safetensors"]


@pytest.mark.parametrize(
    "history", [{}, {"a": {}}, {"a": None}, {"a": {"prompt": [0, "a"]}}, {"a": {"prompt": [0, 1, 2]}}]
)
def test_history_that_makes_no_sense_has_no_models(history):
    assert list(last_models(history)) == []


async def test_engine_tells_version_queue_and_what_it_loaded_last(background_sandbox):
    options = ClientOptions(use_websocket=False)
    (before,) = await ask_all([background_sandbox.url], options)
    assert (before.is_up, before.running, before.waiting, before.models) == (True, 0, 0, ())
    assert before.version == "the sandbox engine"
    assert before.devices
    template = load_template("sd15")
    from comfy_gen.comfyui import AsyncComfyUIClient

    async with AsyncComfyUIClient(url=background_sandbox.url) as client:
        await client.run_workflow(template.workflow, timeout=30)
    (after,) = await ask_all([background_sandbox.url], options)
    assert after.models == (f"checkpoints/{template.models[0].file}",)
    assert after.as_json()["error"] is None


async def test_what_does_not_answer_says_why_without_its_login():
    (answer,) = await ask_all(["http://me:secret@127.0.0.1:1"], ClientOptions())
    assert (answer.is_up, answer.error, answer.url) == (False, "connection refused", "http://127.0.0.1:1")
    assert answer.as_json()["up"] is False


def test_disk_counts_models_and_outputs_of_the_instance(tmp_path):
    folder = make_comfyui(tmp_path / "comfyui")
    own = tmp_path / "own"
    for file, size in ((folder / "models" / "vae" / "a", 10), (folder / "output" / "b", 3), (own / "output" / "c", 5)):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x" * size)
    (folder / "models" / "gone").symlink_to(tmp_path / "nowhere")
    disk = disk_of(instance_of(folder), own=own)
    assert (disk.folder, disk.models, disk.output) == (folder, 10, 3)
    assert disk_of(instance_of(folder, name="other"), own=own).output == 5
    assert disk.free > 0


def test_instance_without_a_folder_here_has_no_disk(tmp_path):
    assert disk_of(instance_of(tmp_path), own=tmp_path) is None
    assert disk_of(Instance("a", tmp_path, container="box"), own=tmp_path) is None


def test_report_is_well_where_it_runs_and_answers():
    up, down = Answer("http://a"), Answer("http://a", "connection refused")
    instance = Instance("a", Path("/c"))
    running, ended = Look(instance, "running", pid=1), Look(instance, "ended")
    assert [Report("a", up, look).is_well for look in (None, running, ended)] == [True, True, False]
    assert not Report("a", down, running).is_well
    assert Report("a", up, running).as_json()["process"]["pid"] == 1


def test_report_is_expected_to_be_well_unless_it_was_stopped():
    down = Answer("http://a", "connection refused")
    instance = Instance("a", Path("/c"))
    looks = (None, Look(instance, "starting"), Look(instance, "ended", is_wanted=True), Look(instance, "ended"))
    assert [Report("a", down, look).is_expected for look in looks] == [True, True, True, False]
