"""A folder that is started like a ComfyUI, and answers like one: with the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAIN = """
import sys
from comfy_gen.cli import main

told = sys.argv[1:]
sys.exit(main(["sandbox", "--port", told[told.index("--port") + 1]]))
"""


def make_sandbox_comfyui(folder: Path) -> Path:
    """Make the folder, to be run by the Python of the tests, and return it."""
    for name in ("comfy", "models/checkpoints"):
        (folder / name).mkdir(parents=True)
    (folder / "main.py").write_text(MAIN, encoding="utf-8")
    return folder
