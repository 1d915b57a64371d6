"""The documented examples, letter for letter, run as a reader would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

WITHOUT_WAITING = "import runpy, sys, time; time.sleep = lambda _: None; "
"""They pause between pictures to be gentle to a server; there is nobody to be gentle to."""

VALIDATOR = """
import comfy_gen.validation
class ImageValidator:
    scores = iter([0.1, 0.3])
    def validate_image(self, image_path, positive_prompt, negative_prompt=None, positive_threshold=0.25):
        open(image_path, "rb").close()
        score = next(self.scores)
        return {"passed": score >= positive_threshold, "positive_score": score, "reason": "too far from the prompt"}
comfy_gen.validation.ImageValidator = ImageValidator
"""
"""A judge that is content with the second picture: the real one needs a model of half a gigabyte."""


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

    def run_example(name, before=""):
        code = f"{before}\n{WITHOUT_WAITING} runpy.run_path(sys.argv[1], run_name='__main__')"
        command = [sys.executable, "-c", code, str(ROOT / "examples" / name)]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    return run_example


def test_end_to_end_example_makes_and_publishes_a_picture(run, bucket_endpoint):
    done = run("end_to_end.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"[OK] Available at: {bucket_endpoint}/examples/landscape.png\n"


def test_end_to_end_example_says_that_the_server_is_down(run, background_sandbox):
    background_sandbox.call(background_sandbox.sandbox.stop())
    done = run("end_to_end.py")
    assert (done.returncode, done.stdout) == (2, "[ERROR] Server unavailable\n")


def test_validation_example_tries_again_until_the_judge_is_content(run):
    done = run("validation_workflow.py", before=VALIDATOR)
    assert (done.returncode, done.stderr) == (0, "")
    assert "[WARN] Failed: too far from the prompt" in done.stdout
    assert "[INFO] Adjusted prompt: (Porsche 911:2.0) (single:1.3) car, driving" in done.stdout
    assert done.stdout.endswith("[OK] Validation passed!\n")


def test_batch_example_publishes_every_picture(run, bucket_endpoint):
    done = run("batch.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if line.startswith("[OK]")] == [
        f"[OK] {bucket_endpoint}/examples/batch_{number}.png" for number in range(3)
    ]
