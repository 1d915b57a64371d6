"""From where torch comes, and what a list of packages names."""

from __future__ import annotations

import pytest

from comfy_gen.supervisor import environment
from comfy_gen.supervisor.environment import (
    TORCH_INDEX,
    Environment,
    find_device,
    name_of,
    package_lines,
    torch_lines,
    torch_options,
    torch_step,
)
from comfy_gen.supervisor.gpu import Gpus, parse_gpus
from comfy_gen.supervisor.steps import Steps

REQUIREMENTS = """# ComfyUI's
comfyui-frontend-package==1.28.9
torch
torchsde
torchvision >=0.2 # pictures
  TorchAudio
kornia>=0.7.1
"""
GPU = parse_gpus("0, Some, GPU-1, 1, 1, 1, 1, 1, 1, 1, 1")


def test_only_torch_and_what_is_built_with_it_comes_first():
    assert torch_lines(REQUIREMENTS) == ["torch", "torchvision >=0.2", "TorchAudio"]
    assert len(package_lines(REQUIREMENTS)) == 6
    assert (name_of("torch==2.1"), name_of("--extra-index-url x"), name_of("Some_Thing[x]")) == (
        "torch",
        "",
        "some_thing",
    )
    assert (
        torch_step("cuda", ["torch", "torchaudio"]) == "installing torch, torchaudio for NVIDIA GPUs, the largest part"
    )


@pytest.mark.parametrize(
    ("device", "system", "options"),
    [
        ("cpu", "linux", ("--extra-index-url", f"{TORCH_INDEX}cpu", "--retries", "1")),
        ("rocm", "linux", ("--index-url", f"{TORCH_INDEX}rocm7.2")),
        ("cuda", "linux", ()),
        ("cpu", "darwin", ()),
    ],
)
def test_torch_comes_from_where_it_is_built_for_the_device(device, system, options):
    assert torch_options(device, system=system) == options


def test_device_is_what_was_asked_for_or_what_the_machine_has(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "KFD", tmp_path / "kfd")
    monkeypatch.setattr(environment, "read_gpus", lambda: Gpus(reason="none"))
    assert (find_device("cuda"), find_device("auto")) == ("cuda", "cpu")
    (tmp_path / "kfd").write_text("")
    assert find_device("auto") == "rocm"
    monkeypatch.setattr(environment, "read_gpus", lambda: Gpus(GPU))
    assert find_device("auto") == "cuda"


def test_folder_without_an_environment_has_none(tmp_path):
    it = Environment(tmp_path, Steps(lambda _: None))
    assert it.python.relative_to(tmp_path).parts[0] == "venv"
    assert not it._has_pip()
    it.remove()
