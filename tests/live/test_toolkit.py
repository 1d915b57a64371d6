"""The toolkit's commands against a real ComfyUI."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comfy_gen.cli import main
from comfy_gen.comfyui import ComfyUIClient
from comfy_gen.queue_manager import QueueManager
from comfy_gen.utils import extract_output_images
from comfy_gen.workflow_manager import WorkflowManager
from tests.contracts.graphs import new_colour, picture, text_to_image

if TYPE_CHECKING:
    from tests.live.comfyui.server import ComfyUI


@pytest.fixture(autouse=True)
def folder(comfyui: ComfyUI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMFYUI_API_BASE", comfyui.url)
    Path("own.json").write_text(json.dumps(text_to_image(steps=2)), encoding="utf-8")


def test_file_is_sent_with_changes_and_its_outputs_saved(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["send", "own.json", "--update", f"3.seed={new_colour()}", "--set", "prompt=a fox", "--wait", "-q"]
    assert main(arguments) == 0
    (path,) = capsys.readouterr().out.split()
    assert Path(path).is_file()
    assert main(["info", path, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"]["prompt"] == "a fox"


def test_file_is_valid_for_the_engine_and_a_broken_one_is_not(comfyui: ComfyUI) -> None:
    assert main(["validate", "own.json", "--engine", comfyui.url]) == 0
    graph = text_to_image()
    graph["3"]["inputs"]["sampler_name"] = "eulr"
    Path("broken.json").write_text(json.dumps(graph), encoding="utf-8")
    assert main(["validate", "broken.json", "--engine", comfyui.url]) == 2


def test_batch_makes_one_picture_of_each_job() -> None:
    first = new_colour() * 10
    assert main(["batch", "own.json", "--vary", f"seed={first}..{first + 5}", "-o", "out", "--quiet"]) == 0
    assert len(list(Path("out").glob("*.png"))) == 6


def test_history_and_queue_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "--json"]) == 0
    assert main(["queue", "--verbose"]) == 0
    assert "running" in capsys.readouterr().out


def test_managers_work_together(comfyui: ComfyUI) -> None:
    manager = WorkflowManager()
    with ComfyUIClient(url=comfyui.url) as client:
        assert manager.validate_workflow(text_to_image(), engine=client) == (True, [])
        queue = QueueManager(client, max_concurrent=2)
        for number in range(4):
            queue.add_job(f"job-{number}", picture())
        queue.start()
        assert queue.wait_for_completion(60)
        queue.stop()
        jobs = queue.get_jobs_by_status("completed")
        assert len(jobs) == 4
        assert all(len(extract_output_images(job.history)) == 1 for job in jobs)
