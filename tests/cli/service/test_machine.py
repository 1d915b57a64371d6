"""What this machine computes with."""

from __future__ import annotations

import platform

from comfy_gen.cli.service.machine import cpu_name, read_machine


def test_cpu_is_called_as_linux_calls_it_or_by_its_kind():
    assert cpu_name("processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\n") == "Some CPU @ 3 GHz"
    assert cpu_name("processor\t: 0\n") == platform.machine()


def test_machine_without_gpus_is_told_of_all_the_same(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    machine = read_machine()
    told = machine.as_json()
    assert 0 < told["memory_free"] <= told["memory_total"]
    assert told["cores"] >= 1
    assert (told["gpus"], told["no_gpu"]) == ([], machine.gpus.reason)
