"""``comfygen generate`` with pictures that are judged: what people and programs are told, and the exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from comfy_gen.comfyui import ComfyUIClient
from tests.cli.conftest import NO_MODEL, SMALL
from tests.tiny_clip import build


@pytest.fixture
def judging(engine, comfygen, monkeypatch, tmp_path):
    """The command with the checks that need no model."""
    (tmp_path / "config.yaml").write_text(NO_MODEL)
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))

    def generate(*options, fault=None):
        if fault is not None:
            engine.sandbox.add_fault(fault)
        return comfygen("generate", "a fox", *SMALL, "--seed", 7, *options)

    return generate


def test_picture_that_passes_is_saved_as_ever(judging):
    said = judging("--validate")
    assert (said.code, said.out.splitlines()[0]) == (0, "Saved a-fox-7.png  seed 7")
    assert said.err.splitlines()[0] == "Take 1: passed"
    assert "not compared with the prompt" in said.err


def test_each_take_has_a_line_and_the_first_that_passes_is_saved(judging):
    said = judging("--auto-retry", fault="black_pictures:times=2")
    first, second, third = (line for line in said.err.splitlines() if line.startswith("Take "))
    assert "black" in first
    assert second.startswith("Take 2 (seed ")
    assert third.endswith(": passed")
    (name,) = [name for name in os.listdir() if name.endswith(".png")]
    assert said.code == 0
    assert f"Saved {name}" in said.out
    assert name != "a-fox-7.png"


def test_picture_that_does_not_pass_is_saved_and_the_exit_code_says_so(judging):
    said = judging("--retry-limit", 2, fault="black_pictures:times=2")
    assert said.code == 3
    assert "Saved a-fox-7.png" in said.out
    assert "Not passed: a-fox-7.png: take 1 is the best of 2: " in said.err


def test_picture_that_cannot_be_judged_is_not_said_to_have_failed(judging, monkeypatch, tmp_path):
    pytest.importorskip("transformers", reason="pip install 'comfygen-server[clip]'")
    model = build(tmp_path / "torn")
    (model / "model.safetensors").write_bytes(b"torn")
    monkeypatch.setenv("COMFYGEN_QUALITY_MODEL", str(model))
    said = judging("--validate")
    assert said.code == 3
    assert "Note: a-fox-7.png: could not be judged" in said.err
    assert "Not passed" not in said.err


def test_model_that_is_not_here_is_told_before_anything_is_painted(judging, engine, monkeypatch, tmp_path):
    pytest.importorskip("transformers", reason="pip install 'comfygen-server[clip]'")
    monkeypatch.setenv("COMFYGEN_QUALITY_MODEL", str(tmp_path / "no-model"))
    said = judging("--validate")
    assert (said.code, said.out) == (2, "")
    assert "no-model" in said.err
    assert "Take 1" not in said.err


def test_takes_of_several_pictures_are_told_apart(judging):
    said = judging("--auto-retry", "--count", 2, fault="black_pictures")
    lines = [line.partition(" (")[0].partition(":")[0] for line in said.err.splitlines() if line.startswith("Take ")]
    assert lines == ["Take 1 of seed 7", "Take 2 of seed 7", "Take 1 of seed 8"]


def test_exit_code_is_all_that_quiet_says(judging):
    said = judging("--validate", "-q", fault="black_pictures")
    assert (said.code, said.out, said.err) == (3, "a-fox-7.png\n", "")


def test_json_has_the_quality_and_every_take_of_each_file(judging):
    said = judging("--retry-limit", 2, "--json", fault="black_pictures")
    (file,) = said.json["files"]
    assert said.code == 0
    assert {**file["quality"], "reason": ""} == {"passed": True, "score": None, "reason": "", "take": 2, "takes": 2}
    assert [(one["number"], one["passed"]) for one in file["takes"]] == [(1, False), (2, True)]
    assert file["takes"][1]["prompt_id"] == file["prompt_id"]
    assert file["takes"][1]["changes"]["seed"] == file["seed"]
    assert any("not compared" in note for note in said.json["notes"])


def test_json_says_what_did_not_pass(judging):
    said = judging("--validate", "--json", fault="black_pictures")
    assert said.code == 3
    assert said.json["files"][0]["quality"]["passed"] is False
    assert "black" in said.json["notes"][-1]


def test_progress_has_an_update_for_each_take(judging):
    updates = judging("--retry-limit", 2, "--json-progress", fault="black_pictures").lines
    told = [(one["type"], one["take"], one.get("passed")) for one in updates if "take" in one]
    assert told == [
        ("judging", 1, None),
        ("take", 1, False),
        ("judging", 2, None),
        ("take", 2, True),
        ("complete", 2, True),
    ]


def test_scores_that_nothing_here_can_give_are_refused_before_anything_is_sent(judging, engine):
    said = judging("--best-of", 2)
    assert said.code == 2
    assert "for best_of needs one" in said.err or "error[missing_extra]" in said.err
    with ComfyUIClient(url=engine.url) as client:
        assert client.get_history() == {}


def test_dry_run_judges_nothing(judging):
    said = judging("--validate", "--dry-run")
    assert said.code == 0
    assert "Take" not in said.err


def test_failure_of_the_first_take_is_a_failure(judging):
    assert judging("--auto-retry", fault="out_of_memory").code == 1


def test_ctrl_c_cancels_the_take_that_runs(engine, tmp_path):
    engine.sandbox.add_fault("black_pictures")
    engine.sandbox.add_fault("slow:nth=2,seconds=30")
    command = [sys.executable, "-m", "comfy_gen", "generate", "a fox", *SMALL, "--auto-retry", "--json-progress"]
    (tmp_path / "config.yaml").write_text(NO_MODEL)
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        is_judged = False
        for line in process.stdout:
            is_judged = is_judged or '"type": "take"' in line
            if is_judged and '"type": "node"' in line:
                process.send_signal(signal.SIGINT)
                break
        said = process.communicate(timeout=30)[1]
    assert process.returncode == 130
    assert "It has been cancelled on the engine." in said


def test_nothing_that_judges_is_loaded_where_nobody_asks(engine, tmp_path):
    code = (
        "import sys; from comfy_gen.cli import main; "
        f"main(['generate', 'a fox', *{list(SMALL)!r}, '-q']); "
        "heavy = {'comfy_gen.validation.gate', 'comfy_gen.app.gating', 'torch', 'sqlalchemy'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
