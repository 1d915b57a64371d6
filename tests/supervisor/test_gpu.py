"""What nvidia-smi says, and that a machine without it is no error."""

from __future__ import annotations

import pytest

from comfy_gen.supervisor.gpu import FIELDS, MIB, parse_gpus, read_gpus

ONE = (
    "0, NVIDIA GeForce RTX 4070 Ti SUPER, GPU-1234, 560.35, 16376, 8270, 8105, 37, 51, 112.43, 285.00\n"
    "1, Some, GPU-5678, 560.35, [N/A], [N/A], [N/A], [Not Supported], [N/A], [N/A], [N/A]\n"
)


def program(folder, script):
    """Return a program of this name that does so."""
    file = folder / "nvidia-smi"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def test_every_gpu_is_read_with_its_memory_in_bytes(tmp_path):
    asked = tmp_path / "asked"
    found = read_gpus(program(tmp_path, f'echo "$@" > {asked}\ncat <<END\n{ONE}END'))
    assert found.reason == ""
    first, second = found.found
    assert (first.index, first.name, first.driver) == (0, "NVIDIA GeForce RTX 4070 Ti SUPER", "560.35")
    assert (first.memory_total, first.memory_used, first.memory_free) == (16376 * MIB, 8270 * MIB, 8105 * MIB)
    assert (first.utilization, first.temperature, first.power, first.power_limit) == (37, 51, 112.43, 285)
    assert (second.name, second.memory_total, second.utilization, second.power) == ("Some", None, None, None)
    assert asked.read_text().split() == [f"--query-gpu={','.join(FIELDS)}", "--format=csv,noheader,nounits"]
    assert first.as_json()["memory_total"] == 16376 * MIB


@pytest.mark.parametrize("text", ["", "\n", "No devices were found", "a, b, c", "x" + ", 1" * 10])
def test_lines_that_are_no_gpu_are_left_out(text):
    assert parse_gpus(text) == ()


def test_machine_without_the_driver_says_why(tmp_path):
    missing = read_gpus(str(tmp_path / "nvidia-smi"))
    assert missing.found == ()
    assert missing.reason == "there is no nvidia-smi here: no NVIDIA GPU, or its driver is not installed"
    (tmp_path / "nvidia-smi").write_text("not a program")
    assert read_gpus(str(tmp_path / "nvidia-smi")).reason == "nvidia-smi cannot be run: Permission denied"


def test_driver_that_fails_is_quoted(tmp_path):
    failing = program(tmp_path, 'echo "NVIDIA-SMI has failed because it could not\nreach the driver."; exit 9')
    assert read_gpus(failing).reason == (
        "nvidia-smi says: NVIDIA-SMI has failed because it could not reach the driver."
    )
    assert read_gpus(program(tmp_path, "echo No devices were found")).reason == "nvidia-smi knows no GPU"


def test_driver_that_hangs_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr("comfy_gen.supervisor.gpu.PATIENCE", 0.05)
    hanging = read_gpus(program(tmp_path, "exec sleep 60"))
    assert hanging.reason == "nvidia-smi did not answer within 0.05 s: its driver hangs"
