"""Runs a command of ``comfygen`` for the scripts beside this file, by whichever Python they were called."""

import os
import subprocess
import sys
from pathlib import Path

OWN = Path(__file__).resolve().parent.parent / ".venv/bin/python"
"""That of this checkout, as manage.sh uses it."""


def run(arguments: list[str]) -> int:
    """Run a command, and return 0 if it did what it was asked for, or else 1."""
    try:
        from comfy_gen.cli import main  # noqa: PLC0415  # it may be missing
    except ModuleNotFoundError as error:
        if error.name != "comfy_gen":
            raise
        return _run_with_own_python()
    return 1 if main(arguments) else 0


def _run_with_own_python() -> int:
    if not os.access(OWN, os.X_OK) or Path(sys.prefix) == OWN.parent.parent:
        print(f"comfygen is not installed for {sys.executable}: pip install {OWN.parents[2]}", file=sys.stderr)
        return 1
    return subprocess.call([str(OWN), *sys.argv])
