"""Which engines the queue uses already."""

from __future__ import annotations

from dataclasses import replace

from comfy_gen.cli.service.engines import engine_addresses
from comfy_gen.config import read_settings
from comfy_gen.config.settings import ComfyUIOptions, FleetOptions, JobOptions, Settings


def test_queue_that_was_never_opened_has_the_engines_of_the_settings(tmp_path):
    settings = Settings(jobs=JobOptions(data_dir=tmp_path), comfyui=ComfyUIOptions(url="http://Gpu:1/"))
    assert engine_addresses(settings) == {"http://gpu:1"}
    several = replace(settings, fleet=FleetOptions(engines="a=http://a:1 b=http://b:2"))
    assert engine_addresses(several) == {"http://a:1", "http://b:2"}
    assert list(tmp_path.iterdir()) == []


def test_engines_that_were_added_count(comfygen, monkeypatch, tmp_path):
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    assert comfygen("engines", "add", "http://127.0.0.1:1", "--name", "a").code == 0
    assert engine_addresses(read_settings()) == {"http://127.0.0.1:1"}


def test_queue_that_cannot_be_opened_is_not_known(monkeypatch, comfygen, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COMFYGEN_JOBS_DATABASE", f"sqlite:///{tmp_path}/file/comfygen.db")
    assert engine_addresses(read_settings()) is None
