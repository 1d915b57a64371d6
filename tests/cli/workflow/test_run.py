"""``comfygen workflow run``: workflows that are kept, that ship, and files."""

from __future__ import annotations

import json

import pytest

from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.parameters import parameters_of
from comfy_gen.workflows.picture import read_picture

QUICK = ("--set", "steps=2", "--set", "width=64", "--set", "height=64")


@pytest.fixture
def run(comfygen, engine, tmp_path, monkeypatch):
    """The command, with a workflow that is kept as ``fox``."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "fox.json").write_text(json.dumps(load_template("sd15").workflow))
    comfygen("workflow", "import", "fox.json")
    return lambda *arguments: comfygen("workflow", "run", *arguments)


def test_kept_workflow_runs_with_what_is_set(run):
    said = run("fox", *QUICK, "--set", "prompt=an owl", "--update", "5.cfg=3", "-o", "made.png")
    assert said.code == 0
    assert said.out.startswith("Saved made.png")
    made = parameters_of(read_picture("made.png").workflow)
    assert (made.prompt, made.steps, made.width, made.cfg) == ("an owl", 2, 64, 3.0)


@pytest.mark.parametrize("source", ["sd15", "fox.json"])
def test_shipped_ones_and_files_run_too(run, source):
    assert run(source, *QUICK, "-q").out.startswith("outputs/")


def test_folder_of_the_same_name_does_not_hide_a_kept_one(run, tmp_path):
    (tmp_path / "fox").mkdir()
    assert run("fox", *QUICK, "--dry-run").code == 0


def test_unknown_name_tells_the_nearest_of_all_kinds(run):
    said = run("fix", "--json")
    assert said.code == 2
    error = said.json["error"]
    assert error["code"] == "workflow_not_found"
    assert "fox" in error["hint"]
    assert "flux" in error["hint"]


def test_file_that_is_not_there_does_not_make_a_database(comfygen, engine, tmp_path, monkeypatch):
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    assert comfygen("workflow", "run", "nothing.json").code == 2
    assert not (tmp_path / "data").exists()


def test_programs_are_told_what_was_made(run):
    told = run("fox", *QUICK, "--json").json
    assert told["workflow"] == "fox"
    assert len(told["files"]) == 1
