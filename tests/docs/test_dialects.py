"""The page on dialects, done: its programs and commands, on a service in its own process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.contracts.graphs import text_to_image
from tests.docs.programs import read_page, run_python, run_shell
from tests.served import ServedProcess, environment_of

PAGE = Path(__file__).parents[2] / "docs" / "dialects.md"
PROGRAMS, SHELL = read_page(PAGE, "python"), read_page(PAGE, "bash")


@pytest.fixture(scope="module")
def served(tmp_path_factory, engine):
    """A service, in the folder in which the page's commands are run."""
    folder = tmp_path_factory.mktemp("dialects")
    graph = text_to_image(steps=1)
    graph["4"]["inputs"]["ckpt_name"] = engine.checkpoint
    (folder / "workflow_api.json").write_text(json.dumps(graph))
    with ServedProcess(folder, environment_of(engine.url, folder)) as served:
        yield served


def test_comfy_api_v2(served):
    assert run_python(served, PROGRAMS["Comfy API v2"][0]) == "succeeded\n"
    (name,) = [one.name for one in served.folder.glob("t2i*.png")]
    with Image.open(served.folder / name) as picture:
        assert picture.size == (64, 64)


def test_comfyui(served):
    prompt_id = run_python(served, PROGRAMS["ComfyUI"][0]).strip()
    assert served.ended(prompt_id)["status"] == "completed"


@pytest.mark.parametrize("engine", ["sandbox"], indirect=True)  # a real engine takes minutes for this size here
def test_openai_images(served):
    run_python(served, PROGRAMS["OpenAI Images"][0])
    with Image.open(served.folder / "lighthouse.png") as picture:
        assert picture.size == (1024, 1024)


def test_runpod(served):
    assert run_shell(served, SHELL["RunPod"][0]) == ["COMPLETED"]
    with Image.open(served.folder / "picture.png") as picture:
        assert picture.size == (64, 64)


def test_every_program_of_the_page_is_tried():
    assert {heading: len(texts) for heading, texts in (PROGRAMS | SHELL).items()} == {
        "Comfy API v2": 1,
        "ComfyUI": 1,
        "OpenAI Images": 1,
        "RunPod": 1,
    }
