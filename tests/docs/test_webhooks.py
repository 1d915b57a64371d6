"""The page on webhooks, done: its receiver is run, and its commands in their order."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from comfy_gen.jobs.announcement import end_of
from comfy_gen.jobs.job import Artifact, Job, JobId, JobState
from comfy_gen.webhooks.schedule import DELAYS
from tests.ports import free_port

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
BEFORE = 'set -e\nwait_for() { for _ in $(seq 200); do grep -qs "$1" "$2" && return; sleep 0.1; done; return 1; }\n'
"""Beside the page's commands: its receiver and engine are waited for, and all ends with the script."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def free_ports():
    """Two ports that nobody has."""
    return free_port(), free_port()


def test_receiver_is_told_and_believes_it(tmp_path, free_ports):
    def own(text: str) -> str:
        return text.replace("9000", str(free_ports[0])).replace("8188", str(free_ports[1]))

    (receiver,) = blocks("python")
    (tmp_path / "receiver.py").write_text(own(receiver))
    first, *others = [own(block) for block in blocks("sh")]
    first = first.replace("receiver.py &", "receiver.py > received &")
    script = [BEFORE, "trap 'kill $(jobs -p); wait' EXIT\n", first, "wait_for job.completed received\n", *others]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COMFY", "WEBHOOK"))}
    environment |= {
        "COMFYGEN_JOBS_DATA_DIR": str(tmp_path / "data"),
        "COMFYUI_API_BASE": f"http://127.0.0.1:{free_ports[1]}",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash"],
        input="".join(script),
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    kind, _, names = (tmp_path / "received").read_text().strip().partition(" ")
    assert kind == "job.completed"
    assert ".png" in names
    assert "1 delivered" in done.stdout
    assert "No webhook was given up." in done.stdout


def test_table_names_all_that_is_told():
    job = Job(JobId("f4b0d4b4-3a5e-4c39-9f6b-0b5c5e1c9a11"), JobState.COMPLETED)
    file = Artifact("a1", job.job_id, "9", "image", "cat.png", "image/png", 10, "0" * 64, 16, 16, "k", None)
    told = end_of(job, [file], now=0.0)
    rows = re.findall(r"^\| (`.*?`) \| (.*) \|$", PAGE, re.MULTILINE)
    named = {name for names, _ in rows for name in re.findall(r"`(\w+)`", names)}
    assert named == told.keys() - {"generation_id", "progress", "output_url", "attempt"}
    (entries,) = [said for names, said in rows if names == "`output`"]
    assert set(re.findall(r"`(\w+)`", entries)) == told["output"][0].keys() - {"local_path"}


def test_times_are_those_of_the_schedule():
    assert DELAYS[:5] == (5, 30, 120, 600, 3600)
    assert len(DELAYS) + 1 == 11
    assert sum(DELAYS) >= 24 * 3600


def test_request_is_json():
    (request,) = blocks("json")
    assert json.loads(request)["input"]["webhook"].keys() == {"url", "extra_params", "progress"}
