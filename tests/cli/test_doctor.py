"""``comfygen doctor``: one page that says what works and what does not."""

from __future__ import annotations

import os

import pytest


@pytest.fixture
def doctor(comfygen, tmp_path, monkeypatch):
    """The doctor of a machine where nothing was ever done, and whose usual port is free."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMFYGEN_API_PORT", "1")
    monkeypatch.setenv("COMFYUI_API_BASE", "http://127.0.0.1:1")
    return lambda *arguments: comfygen("doctor", *arguments)


def test_problem_comes_with_the_command_that_mends_it(doctor, tmp_path):
    said = doctor()
    assert said.code == 1
    assert "http://127.0.0.1:1: connection refused" in said.out
    assert "→ comfygen service install && comfygen service start" in said.out
    assert "1 problem, " in said.out.splitlines()[-1]
    assert os.listdir(tmp_path) == []


def test_brief_page_has_what_is_wrong_alone(doctor):
    said = doctor("--brief").out
    assert "connection refused" in said
    assert "extras" not in said
    assert len(said) < len(doctor().out) / 2


def test_engine_with_all_models_leaves_nothing_to_mend(doctor, background_sandbox, monkeypatch):
    monkeypatch.setenv("COMFYUI_API_BASE", background_sandbox.url)
    said = doctor("--json").json
    assert said["state"] in {"ok", "note", "warning"}
    by_subject = {one["subject"]: one for one in said["findings"]}
    assert by_subject["sdxl"]["state"] == "ok"
    assert doctor().code == 0


def test_wrong_settings_are_told_first(doctor, monkeypatch):
    monkeypatch.setenv("COMFYGEN_API_PORT", "many")
    said = doctor()
    assert (said.code, said.out) == (2, "")
    assert "error[config_file]" in said.err
