"""What the documented examples say where something is in their way; `tests/mission` has them go well."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from comfy_gen.sandbox import Fault, Kind
from comfy_gen.validation.clip import DEFAULT_MODEL
from tests.hugging_face import kept_by_hub
from tests.taught_clip import picture, teach

ROOT = Path(__file__).parents[2]

WITHOUT_WAITING = "import runpy, sys, time; time.sleep = lambda _: None; "
"""They pause between pictures to be gentle to a server; there is nobody to be gentle to."""

PROMPT = "Porsche 911 single car, driving"
"""Of the validation example, as a model reads it."""


@pytest.fixture
def run(background_sandbox, bucket_endpoint):
    """Run one example in a process of its own."""
    environment = {
        **os.environ,
        "COMFYUI_API_BASE": background_sandbox.url,
        "MINIO_ENDPOINT": bucket_endpoint,
        "MINIO_ACCESS_KEY": "key",
        "MINIO_SECRET_KEY": "secret",
        "MINIO_BUCKET": "examples",
        "PYTHONPATH": str(ROOT),
    }

    def run_example(name, **more):
        code = f"{WITHOUT_WAITING} runpy.run_path(sys.argv[1], run_name='__main__')"
        command = [sys.executable, "-c", code, str(ROOT / "examples" / name)]
        return subprocess.run(
            command, cwd=ROOT, env={**environment, **more}, capture_output=True, text=True, timeout=60, check=False
        )

    return run_example


@pytest.fixture(scope="module")
def judging(tmp_path_factory):
    """Variables by which the model that the examples name is a tiny one that knows the prompt, and what is black."""
    pytest.importorskip("transformers", reason="pip install 'comfygen-server[clip]'")
    folder = tmp_path_factory.mktemp("hugging-face")
    model = teach(folder / "clip", {"black": Image.new("RGB", (64, 64)), PROMPT: picture(3)})
    return kept_by_hub(folder / "home", DEFAULT_MODEL, model)


def test_end_to_end_example_says_that_the_server_is_down(run, background_sandbox):
    background_sandbox.call(background_sandbox.sandbox.stop())
    done = run("end_to_end.py")
    assert (done.returncode, done.stdout) == (2, "[ERROR] Server unavailable\n")


def test_validation_example_gives_up_after_three_attempts(run, background_sandbox, judging):
    background_sandbox.sandbox.faults.add(Fault(Kind.BLACK_PICTURES, times=3))
    done = run("validation_workflow.py", **judging)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("[WARN] Failed: ") == 3
    assert "[INFO] Adjusted prompt: (Porsche 911:2.0) (single:1.5) car, driving" in done.stdout
    assert "[OK]" not in done.stdout
