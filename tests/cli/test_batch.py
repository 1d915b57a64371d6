"""``comfygen batch`` as people and programs use it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from comfy_gen.sandbox import SandboxOptions
from comfy_gen.sandbox.faults import Fault
from tests.background import BackgroundSandbox


def graph(color=1, *, broken=False) -> Any:
    image = {"width": "wide" if broken else 16, "height": 16, "batch_size": 1, "color": color}
    return {
        "1": {"class_type": "EmptyImage", "inputs": image},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }


@pytest.fixture
def files(tmp_path):
    """Write so many workflows into a folder, each of another colour, and return its name."""

    def write(count, **others):
        folder = tmp_path / "w"
        folder.mkdir(exist_ok=True)
        graphs = {f"w{number:03}": graph(number) for number in range(1, count + 1)} | others
        for name, workflow in graphs.items():
            (folder / f"{name}.json").write_text(json.dumps(workflow))
        return "w"

    return write


@pytest.fixture
def engines():
    """Start engines, each with its faults."""
    with ExitStack() as stack:

        def start(*faults, step_time=0.0):
            options = [SandboxOptions(faults=tuple(some), step_time=step_time) for some in faults]
            return [stack.enter_context(BackgroundSandbox(one)) for one in options]

        yield start


def named(sandboxes):
    return [part for one in sandboxes for part in ("--engine", one.url)]


def pictures(folder="outputs"):
    return sorted(path.name for path in Path(folder).glob("*.png"))


def color(path):
    with Image.open(path) as image:
        red, green, blue = image.convert("RGB").getpixel((0, 0))
    return red << 16 | green << 8 | blue


def test_every_workflow_is_run_and_saved(comfygen, engine, files):
    said = comfygen("batch", files(5))
    assert said.code == 0
    assert "5 done" in said.out
    assert pictures() == [f"w{number:03}-1.png" for number in range(1, 6)]
    assert [color(f"outputs/w{number:03}-1.png") for number in range(1, 6)] == [1, 2, 3, 4, 5]


def test_four_engines_one_of_which_dies_do_each_job_once(comfygen, engines, files):
    sandboxes = engines([], [], [], [Fault("die", nth=10)])
    said = comfygen("batch", files(200), *named(sandboxes), "--concurrency", 2, "--json")
    assert said.code == 0, said.err
    assert (said.json["done"], said.json["failed"]) == (200, 0)
    expected = [f"w{number:03}-1.png" for number in range(1, 201)]
    assert pictures() == expected
    assert [color(f"outputs/{name}") for name in expected] == list(range(1, 201))
    assert sorted(os.listdir("outputs")) == ["batch.jsonl", *expected]
    assert not sandboxes[3].sandbox.is_running
    assert [one.sandbox.prompts_executed > 20 for one in sandboxes] == [True, True, True, False]


def test_one_bad_workflow_fails_alone_with_all_that_is_wrong(comfygen, engine, files):
    bad = graph(9, broken=True)
    bad["1"]["inputs"]["height"] = 10**6
    said = comfygen("batch", files(3, bad=bad))
    assert said.code == 1
    assert "3 done, 1 failed" in said.out
    assert "Failed bad" in said.err
    assert "width" in said.err
    assert "height" in said.err
    assert pictures() == ["w001-1.png", "w002-1.png", "w003-1.png"]


def test_resume_runs_only_what_failed_or_is_missing_or_has_changed(comfygen, engine, files, tmp_path):
    comfygen("batch", files(4, bad=graph(9, broken=True)))
    files(0, bad=graph(9), w003=graph(33))
    Path("outputs/w002-1.png").unlink()
    said = comfygen("batch", "w", "--resume", "--json")
    assert said.code == 0
    assert (said.json["done"], said.json["kept"], said.json["total"]) == (3, 2, 5)
    assert engine.sandbox.prompts_received == 4 + 3
    assert pictures() == ["bad-1.png", "w001-1.png", "w002-1.png", "w003-1.png", "w004-1.png"]
    assert color("outputs/w003-1.png") == 33
    again = comfygen("batch", "w", "--resume")
    assert "0 done, 5 were done before" in again.out
    assert engine.sandbox.prompts_received == 7


def test_second_run_replaces_nothing(comfygen, engine, files):
    comfygen("batch", files(1), "-o", "out")
    comfygen("batch", files(1), "-o", "out")
    assert pictures("out") == ["w001-1-2.png", "w001-1.png"]


def test_values_are_varied_in_all_combinations(comfygen, engine, files):
    said = comfygen("batch", files(1), "--vary", "1.color=1..3", "--vary", "1.width=16,24", "--set", "1.height=8")
    assert said.code == 0
    assert pictures() == sorted(f"w001-color{c}-width{w}-1.png" for c in (1, 2, 3) for w in (16, 24))
    with Image.open("outputs/w001-color3-width24-1.png") as image:
        assert image.size == (24, 8)
    assert color("outputs/w001-color3-width24-1.png") == 3


def test_roles_are_varied(comfygen, engine):
    said = comfygen(
        "batch", "sd15", "--vary", "seed=1..3", "--set", "steps=1", "--set", "width=64", "--set", "height=64"
    )
    assert said.code == 0, said.err
    assert pictures() == ["sd15-seed1-1.png", "sd15-seed2-1.png", "sd15-seed3-1.png"]


def test_table_has_a_job_for_each_line(comfygen, engine, files, tmp_path):
    files(2)
    Path("jobs.csv").write_text("job,workflow,1.color\nred,w/w001.json,16711680\n,w/w002.json,255\n")
    assert comfygen("batch", "--csv", "jobs.csv").code == 0
    assert pictures() == ["red-1.png", "w002-line3-1.png"]
    assert color("outputs/red-1.png") == 0xFF0000


def test_engine_trouble_is_tried_again_elsewhere(comfygen, engines, files):
    sandboxes = engines([Fault("gpu_error")], [Fault("corrupt_output")])
    said = comfygen("batch", files(6), *named(sandboxes), "--json")
    assert (said.code, said.json["done"]) == (0, 6)
    assert max(job["attempts"] for job in said.json["jobs"]) == 2


def test_without_retries_a_failure_stays(comfygen, engines, files):
    said = comfygen(
        "batch", files(3), *named(engines([Fault("gpu_error")])), "--retries", 0, "--concurrency", 1, "--json"
    )
    assert (said.code, said.json["done"], said.json["failed"]) == (1, 2, 1)
    assert [job["error"]["code"] for job in said.json["jobs"] if job["status"] == "failed"] == ["gpu_error"]


def test_hung_job_is_given_to_another_engine(comfygen, engines, files):
    sandboxes = engines([Fault("hang")], [])
    said = comfygen("batch", files(6), *named(sandboxes), "--timeout", 2, "--json")
    assert (said.code, said.json["done"]) == (0, 6)


def test_engine_that_is_not_there_does_not_matter_while_another_is(comfygen, engine, files):
    said = comfygen("batch", files(2), "--engine", "http://127.0.0.1:9", "--engine", engine.url)
    assert said.code == 0
    assert "no ComfyUI answers at http://127.0.0.1:9" in said.err


def test_engine_named_twice_is_one(comfygen, engine, files):
    said = comfygen("batch", files(2), "--engine", engine.url, "--engine", f"{engine.url}/", "--json")
    assert list(said.json["engines"]) == [engine.url]


def test_quiet_prints_the_paths_alone(comfygen, engine, files):
    said = comfygen("batch", files(2), "-q")
    assert (sorted(said.out.split()), said.err) == (["outputs/w001-1.png", "outputs/w002-1.png"], "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "workflows"),
        (("nowhere.json",), "nowhere.json"),
        (("w", "--vary", "sed=1..3"), "Nearest: seed"),
        (("w", "--vary", "seed=1..x..0"), "seed"),
        (("w", "--vary", "seed"), "ROLE=VALUE"),
        (("w", "--set", "9.color=1"), "9.color"),
        (("w", "--set", "seed=1"), "seed"),
        (("w", "--csv", "none.csv"), "none.csv"),
        (("w", "--concurrency", "0"), "concurrency"),
        (("w", "--timeout", "-1"), "timeout"),
        (("w", "--vary", "1.color=1..1000000"), "100,000"),
        (("w", "--engine", "http://127.0.0.1:9"), "127.0.0.1:9"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_sent(comfygen, engine, files, arguments, said):
    files(1)
    answer = comfygen("batch", *arguments)
    assert answer.code == 2
    assert said in answer.err
    assert engine.sandbox.prompts_received == 0


def test_all_unreadable_files_are_named_at_once(comfygen, engine, files):
    files(1)
    Path("w/a.json").write_text("{")
    Path("w/b.json").write_text("[]")
    answer = comfygen("batch", "w", "--json")
    assert answer.code == 2
    assert answer.json["error"]["code"] == "invalid_request"
    assert "a.json" in answer.json["error"]["message"]
    assert "b.json" in answer.json["error"]["message"]
    assert engine.sandbox.prompts_received == 0


def test_ctrl_c_cancels_ours_alone_and_resume_finishes(engines, files, comfygen, tmp_path):
    (sandbox,) = engines([Fault("slow", nth=3, times=None, seconds=60)])
    files(6)
    environment = {**os.environ, "COLUMNS": "300"}
    command = [sys.executable, "-m", "comfy_gen", "batch", "w", "--engine", sandbox.url, "-q", "--concurrency", "2"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    first = [process.stdout.readline(), process.stdout.readline()]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, sorted(first)) == (130, ["outputs/w001-1.png\n", "outputs/w002-1.png\n"]), err
    assert out == ""
    sandbox.sandbox.faults.clear()
    said = comfygen("batch", "w", "--engine", sandbox.url, "--resume", "--json")
    assert (said.code, said.json["done"], said.json["kept"]) == (0, 4, 2)
