"""``comfygen send``: a file, changed here and there."""

from __future__ import annotations

import os

import pytest
from PIL import Image

from comfy_gen.comfyui import ComfyUIClient
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.files import save_workflow
from comfy_gen.workflows.parameters import parameters_of
from comfy_gen.workflows.picture import read_picture
from tests.cli.conftest import SMALL

QUICK = ("--set", "steps=2", "--set", "width=64", "--set", "height=64")


@pytest.fixture
def file(comfygen, tmp_path):
    save_workflow(load_template("sd15").workflow, tmp_path / "own.json")
    return "own.json"


def test_workflow_is_queued_and_its_id_told(comfygen, engine, file):
    said = comfygen("send", file, *QUICK, "--quiet")
    with ComfyUIClient(url=engine.url) as client:
        assert client.attach(said.out.strip()).result(10).ending == "success"
    assert comfygen("send", file, *QUICK).out.startswith("Queued ")
    assert len(comfygen("send", file, *QUICK, "--json").json["prompt_ids"]) == 1


def test_outputs_are_waited_for_and_saved_with_every_change(comfygen, engine, file):
    updates = ("--update", "5.seed=42", "--update", "2.text=a fox = red", "--update", "5.cfg=3")
    said = comfygen("send", file, *QUICK, *updates, "--wait", "-o", "a.png")
    assert said.code == 0
    made = parameters_of(read_picture("a.png").workflow)
    assert (made.seed, made.prompt, made.cfg, made.steps, made.width) == (42, "a fox = red", 3.0, 2, 64)


def test_configured_folder_gets_the_outputs(comfygen, engine, tmp_path, monkeypatch):
    monkeypatch.setenv("COMFYGEN_CONFIG", "")  # restored afterwards
    (tmp_path / "own.yaml").write_text("output:\n  output_dir: made/here\n")
    said = comfygen("--config", "own.yaml", "send", "sd15", *QUICK, "--wait", "-q")
    assert said.out.startswith("made/here/")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("output:\n  download_results: false\n", "the files stay on the engine"),
        ("workflow:\n  auto_queue: false\n", "nothing was sent"),
    ],
)
def test_settings_say_what_becomes_of_it(comfygen, engine, file, tmp_path, setting, said):
    (tmp_path / "config.yaml").write_text(setting)
    assert said in comfygen("send", file, *QUICK, "--wait").out
    assert list((tmp_path / "outputs").iterdir()) == []


def test_pictures_may_go_without_parameters(comfygen, engine, file, tmp_path):
    (tmp_path / "config.yaml").write_text("output:\n  save_metadata: false\n")
    comfygen("send", file, *QUICK, "--wait", "-o", "a.png")
    record = read_picture("a.png")
    assert record.parameters is None
    assert record.workflow is not None


def test_check_may_be_left_to_the_engine(comfygen, engine, file, tmp_path):
    (tmp_path / "config.yaml").write_text("workflow:\n  validate_before_send: false\n")
    said = comfygen("send", file, "--update", "5.sampler_name=eulr", "--wait")
    assert said.err.startswith("error[prompt_rejected]: ")


def test_wrong_configuration_is_told_with_its_line(comfygen, engine, file, tmp_path):
    (tmp_path / "config.yaml").write_text("output:\n  output_dirr: x\n")
    said = comfygen("send", file)
    assert said.code == 2
    assert said.err.startswith("error[config_file]: ")
    assert "output_dir" in said.err


def test_template_is_sent_by_its_name(comfygen, engine):
    assert comfygen("send", "sd15", *QUICK, "--wait", "-q", "-o", "a.png").out == "a.png\n"


def test_progress_is_told_as_lines_of_json(comfygen, engine, file):
    updates = comfygen("send", file, *QUICK, "--wait", "--json-progress").lines
    assert updates[-1]["type"] == "complete"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--update", "99.seed=1"], ["99.seed", "node that is there"]),
        (["--update", "5.sed=1"], ["5.sed", "earest: seed"]),
        (["--update", "5.seed=many"], ["5.seed", "whole number"]),
        (["--update", "seed"], ["NODE.INPUT=VALUE"]),
        (["--set", "sed=1"], ["earest: seed"]),
        (["--set", "image=x.png"], ["input image"]),
        (["--update", "5.sampler_name=eulr"], ["eulr", "euler"]),
    ],
)
def test_change_that_cannot_be_is_refused_and_nothing_sent(comfygen, engine, file, arguments, words):
    said = comfygen("send", file, *arguments, "--wait")
    assert said.code == 2
    assert said.err.startswith("error[")
    assert all(word in said.err for word in words), said.err
    assert engine.sandbox.prompts_received == 0


def test_dry_run_checks_and_sends_nothing(comfygen, engine, file):
    assert "nothing was sent" in comfygen("send", file, "--dry-run").out
    assert engine.sandbox.prompts_received == 0


def test_time_that_is_up_cancels_it(comfygen, engine, file, tmp_path):
    engine.sandbox.add_fault("slow:seconds=1")
    said = comfygen("send", file, "--wait", "--timeout", 0.5)
    assert said.code == 2
    assert "did not end within 0.5 s and was cancelled" in said.err
    assert sorted(os.listdir(tmp_path)) == ["outputs", "own.json"]
    assert os.listdir(tmp_path / "outputs") == []


def test_other_server_is_told_apart(comfygen, bucket_endpoint, file):
    assert "error[not_comfyui]" in comfygen("send", file, "--engine", bucket_endpoint).err


def test_queue_shows_what_runs_and_waits(comfygen, engine, file):
    engine.sandbox.add_fault("hang")
    ids = [comfygen("send", file, "-s", f"seed={seed}", "-q").out.strip() for seed in range(3)]
    shown = comfygen("queue")
    assert "1 running, 2 waiting" in shown.out
    assert [line.split()[:2] for line in shown.out.splitlines() if ids[0] in line] == [["runs", ids[0]]]
    assert "v1-5-pruned" in comfygen("queue", "--verbose").out
    assert [item["prompt_id"] for item in comfygen("queue", "--json").json["pending"]] == ids[1:]
    assert comfygen("queue", "--cancel", ids[1]).code == 0
    assert comfygen("queue", "--clear", "--json").json["pending"] == []


def test_everything_is_cancelled_whether_it_runs_or_waits(comfygen, engine, file):
    engine.sandbox.add_fault("slow:seconds=0.3")
    ids = [comfygen("send", file, "-s", f"seed={seed}", "-q").out.strip() for seed in range(3)]
    assert comfygen("queue", "--cancel-all").out == "Cancelled 1 that ran and 2 that waited.\n"
    looks = (comfygen("queue", "--json").json for _ in range(200))  # what runs stops at its next step
    assert next(seen for seen in looks if not seen["running"]) == {"running": [], "pending": []}
    assert comfygen("history", ids[0]).out.splitlines()[1].split() == ["ended", "interrupted"]
    assert comfygen("queue", "--cancel-all", "--json").json == {"running": 0, "waiting": 0}


def test_history_shows_what_ended(comfygen, engine, file):
    Image.new("RGB", (8, 8)).save("unused.png")
    good = comfygen("generate", "a fox", *SMALL, "--json").json["files"][0]["prompt_id"]
    engine.sandbox.add_fault("out_of_memory")
    comfygen("generate", "a hare", *SMALL)
    said = comfygen("history")
    assert [line.split()[0] for line in said.out.splitlines()[2:]][1] == good
    assert "OutOfMemoryError" in said.out
    assert ".png" in comfygen("history", good).out
    assert list(comfygen("history", good, "--json").json) == [good]
    assert list(comfygen("history", "-n", 1, "--json").json) != [good]


def test_prompt_that_is_not_in_the_history_is_an_error(comfygen, engine):
    said = comfygen("history", "no-such-prompt")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("error[prompt_not_found]: ")
