"""``comfygen workflow list|remove``, and what Tab offers of them."""

from __future__ import annotations

import json

import pytest

from comfy_gen.cli import completion
from comfy_gen.workflows.catalogue import load_template


@pytest.fixture
def saved(comfygen, engine, tmp_path, monkeypatch):
    """The command, with a workflow that is kept as ``fox``."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "fox.json").write_text(json.dumps(load_template("sd15").workflow))
    comfygen("workflow", "import", "fox.json", "--title", "A fox in snow")
    return lambda *arguments: comfygen("workflow", *arguments)


def test_kept_workflows_are_listed_with_title_and_model(saved):
    line = saved("list").out.splitlines()[1]
    assert line.split()[:2] == ["fox", "image"]
    assert "A fox in snow" in line
    assert "v1-5-pruned" in line


def test_programs_learn_what_each_can_be_told(saved):
    (told,) = saved("list", "--json").json["workflows"]
    assert {"prompt", "seed", "model"} <= set(told["parameters"])


def test_removed_workflow_is_gone(saved):
    assert saved("remove", "fox").out == "The workflow fox is forgotten.\n"
    assert saved("list").out == ""
    assert "comfygen workflow import" in saved("list").err
    assert saved("list", "--json").json == {"workflows": []}


def test_workflow_that_is_not_kept_cannot_be_removed(saved):
    said = saved("remove", "fix", "--json")
    assert said.code == 2
    assert said.json["error"]["message"] == "no workflow is kept by the name 'fix'"
    assert said.json["error"]["hint"] == "nearest: fox. `comfygen workflow list` lists all that are kept."
    assert saved("remove", "fox", "--json").json == {"removed": "fox"}


def test_tab_offers_kept_ones_and_for_a_run_shipped_ones_too(saved):
    assert completion.saved_workflows("f") == [("fox", "A fox in snow")]
    assert completion.all_workflows("f") == ["flux-dev", "flux-schnell", "fox"]
