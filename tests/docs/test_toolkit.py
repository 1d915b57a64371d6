"""Every documented example of the toolkit, taken from the page beside this file and run against a sandbox."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from comfy_gen.cli import main
from comfy_gen.config import read_settings

PAGE = Path(__file__).with_name("toolkit.md").read_text(encoding="utf-8")


def examples(language):
    """Return the page's blocks of a language by their headings."""
    found = re.findall(rf"^## ([^\n]+)\n\n```{language}\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
    return dict(found)


PROGRAMS, COMMANDS, FILES = examples("python"), examples("bash"), examples("yaml")

BEFORE = {
    "With WebSocket Progress Monitoring": "import json\nworkflow = json.load(open('workflow.json'))",
    "Batch Processing": "from pathlib import Path",
    "Workflow Validation": "from comfy_gen.workflow_manager import WorkflowManager\nfrom pathlib import Path",
    "Workflow Manipulation": (
        "from comfy_gen.workflow_manager import WorkflowManager\nfrom pathlib import Path\n"
        "workflow_mgr = WorkflowManager()\nworkflow = workflow_mgr.load_workflow(Path('workflow.json'))"
    ),
    "Image Upload/Download": (
        "from comfy_gen.client import ComfyUIClient\nimport json\n"
        "with ComfyUIClient() as c: prompt_id = c.queue_prompt(json.load(open('workflow.json')))['prompt_id']"
    ),
    "Context Manager Support": (
        "from comfy_gen.client import ComfyUIClient\nimport json\nworkflow = json.load(open('workflow.json'))"
    ),
}
"""What a block takes for granted from the blocks before it."""


def classic():
    """Return the workflow whose node ids the documents know: 3 samples, 6 and 7 are the prompts."""
    return {
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "seed": 1,
                "steps": 2,
                "cfg": 7.0,
                "sampler_name": "euler",
                "scheduler": "normal",
                "denoise": 1.0,
                "model": ["4", 0],
                "positive": ["6", 0],
                "negative": ["7", 0],
                "latent_image": ["5", 0],
            },
        },
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "v1-5-pruned-emaonly-fp16.safetensors"}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "fog", "clip": ["4", 1]}},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "ComfyUI"}},
    }


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with the files that the examples name."""
    monkeypatch.chdir(tmp_path)
    Path("workflows").mkdir()
    for name in ("workflows/my_workflow.json", "workflows/base.json", "workflow.json"):
        Path(name).write_text(json.dumps(classic()), encoding="utf-8")
    Image.new("RGB", (8, 8)).save("input_image.png")
    return tmp_path


def here(code, url):
    """Put the sandbox's port where the documents have ComfyUI's own."""
    port = str(urlsplit(url).port)
    return (
        code.replace("src.", "comfy_gen.")
        .replace("8188", port)
        .replace("ComfyUIClient()", f"ComfyUIClient(port={port})")
    )


@pytest.mark.parametrize("heading", PROGRAMS)
def test_program_runs(heading, background_sandbox, folder):
    code = here(f"{BEFORE.get(heading, '')}\n{PROGRAMS[heading]}", background_sandbox.url)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for heading_of, words in {"Batch Processing": "Completed: 10, Failed: 0", "Basic Usage": "completed!"}.items():
        assert heading != heading_of or words in done.stdout


@pytest.mark.parametrize("heading", COMMANDS)
def test_command_runs(heading, background_sandbox, folder, monkeypatch):
    monkeypatch.setenv("COMFYUI_API_BASE", background_sandbox.url)
    arguments = shlex.split(COMMANDS[heading].replace("\\\n", " "))
    assert arguments[:2] == ["python", "comfyui_cli.py"]
    assert main(arguments[2:]) == 0


@pytest.mark.parametrize("heading", FILES)
def test_configuration_is_read(heading, folder):
    Path("config.yaml").write_text(FILES[heading], encoding="utf-8")
    assert read_settings({}).engine_url == "http://127.0.0.1:8188"


def test_every_block_has_a_heading_of_its_own():
    assert len(PROGRAMS) + len(COMMANDS) + len(FILES) == PAGE.count("```") / 2
