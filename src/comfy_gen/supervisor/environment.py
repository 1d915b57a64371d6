"""The Python environment of an installed ComfyUI: made, and given its packages, torch by the device that computes."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from comfy_gen.supervisor.gpu import read_gpus
from comfy_gen.supervisor.program import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.supervisor.steps import Steps

Device = Literal["auto", "cpu", "cuda", "rocm"]
KFD = Path("/dev/kfd")
"""What the driver of AMD's GPUs makes."""
TORCH = ("torch", "torchvision", "torchaudio")
TORCH_INDEX = "https://download.pytorch.org/whl/"
"""PyPI has torch for Linux with CUDA only; here are the others."""
TORCH_FOLDERS = {"cpu": "cpu", "rocm": "rocm7.2"}
REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
TITLES = {"cpu": "a CPU", "cuda": "NVIDIA GPUs", "rocm": "AMD GPUs"}


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment in the folder of a ComfyUI."""

    directory: Path
    steps: Steps

    @property
    def python(self) -> Path:
        """The Python that runs the ComfyUI."""
        return self.directory / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def make(self) -> None:
        """Have an environment with pip; one that is whole stays.

        Raises:
            InstallError: this Python can make none.
        """
        if not self._has_pip():
            self.steps.tell(f"making an environment of Python {sys.version.partition(' ')[0]}")
            self.steps.run("making an environment", sys.executable, "-m", "venv", "--clear", self.python.parents[1])

    def remove(self) -> None:
        """Take it away, to be made anew."""
        shutil.rmtree(self.python.parents[1], ignore_errors=True)

    def install(self, step: str, *arguments: str | Path) -> None:
        """Install packages.

        Raises:
            InstallError: pip failed.
        """
        pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-input")
        self.steps.run(step, self.python, *pip, *arguments)

    def runs(self, code: str) -> bool:
        """Tell whether a line of Python runs here."""
        return run([self.python, "-c", code]).is_well

    def packages(self) -> Path:
        """Return the folder of its packages.

        Raises:
            InstallError: its Python does not run.
        """
        query = "import sysconfig; print(sysconfig.get_path('purelib'))"
        return Path(self.steps.run("looking for its packages", self.python, "-c", query).strip())

    def _has_pip(self) -> bool:
        return self.python.exists() and run([self.python, "-m", "pip", "--version"]).is_well


def find_device(device: Device) -> str:
    """Return what is to compute: what was asked for, or what this machine has."""
    if device != "auto":
        return device
    if read_gpus().found:
        return "cuda"
    return "rocm" if KFD.exists() else "cpu"


def torch_options(device: str, *, system: str = sys.platform) -> tuple[str, ...]:
    """Return from where pip gets torch for a device. Pure."""
    folder = TORCH_FOLDERS.get(device) if system == "linux" else None
    if folder is None:
        return ()
    if device == "cpu":  # where that server is out of reach, PyPI's own is larger and computes on a CPU as well
        return ("--extra-index-url", TORCH_INDEX + folder, "--retries", "1")
    return ("--index-url", TORCH_INDEX + folder)


def torch_lines(requirements: str) -> list[str]:
    """Return those lines of a list of packages that name torch and what is built with it. Pure."""
    return [line for line in package_lines(requirements) if name_of(line) in TORCH]


def package_lines(requirements: str) -> list[str]:
    """Return a list of packages without comments and empty lines. Pure."""
    lines = (line.partition(" #")[0].strip() for line in requirements.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def name_of(line: str) -> str:
    """Return the package that a line of such a list names. Pure."""
    match = REQUIREMENT.match(line)
    return match.group(1).lower() if match else ""


def torch_step(device: str, lines: Sequence[str]) -> str:
    """Return what is told while torch is installed. Pure."""
    return f"installing {', '.join(name_of(line) for line in lines)} for {TITLES[device]}, the largest part"
