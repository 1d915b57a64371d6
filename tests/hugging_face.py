"""The folder in which the hub's client keeps what it fetched, filled as if it had."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_COMMIT = "0" * 40


def kept_by_hub(home: Path, model: str, folder: Path) -> dict[str, str]:
    """Have a folder's model count as fetched under a name, and return the variables of whoever is to find it."""
    kept = home / "hub" / f"models--{model.replace('/', '--')}"
    shutil.copytree(folder, kept / "snapshots" / _COMMIT)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text(_COMMIT, encoding="utf-8")
    return {"HF_HOME": str(home)}
