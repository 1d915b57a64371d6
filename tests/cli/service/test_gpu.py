"""``comfygen service gpu-info`` on a machine with GPUs."""

from __future__ import annotations

import os

import pytest


@pytest.fixture
def gpus(monkeypatch, tmp_path):
    """An nvidia-smi that knows one GPU."""
    file = tmp_path / "nvidia-smi"
    file.write_text("#!/bin/sh\necho '0, Some GPU, GPU-1, 560.35, 16376, 8270, 8105, 37, 51, 112.43, 285.00'\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))


def test_gpus_are_shown_before_the_rest_of_the_machine(comfygen, gpus, monkeypatch):
    monkeypatch.setenv("COMFYUI_API_BASE", "http://127.0.0.1:1")
    said = comfygen("service", "gpu-info")
    assert said.code == 0
    heading, gpu, *rest = said.out.splitlines()
    assert heading.startswith("GPU")
    assert "Some GPU" in gpu
    assert [line.split()[0] for line in rest] == ["CPU", "memory"]


def test_programs_are_told_of_gpus_in_bytes(comfygen, gpus, monkeypatch):
    monkeypatch.setenv("COMFYUI_API_BASE", "http://127.0.0.1:1")
    told = comfygen("service", "gpu-info", "--json").json
    assert told["gpus"][0]["memory_total"] == 16376 * 1024**2
    assert (told["no_gpu"], told["engines"]) == (None, [])
