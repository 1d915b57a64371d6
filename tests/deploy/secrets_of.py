"""What somebody fills into the examples of files with secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LINE = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


def names_in(file: Path) -> list[str]:
    """Return the variables that a file sets, those in comments included."""
    return _LINE.findall(file.read_text(encoding="utf-8"))


def filled_in(file: Path) -> dict[str, str]:
    """Return its variables that have no value yet, each with a long one."""
    empty = re.findall(r"^([A-Z][A-Z0-9_]*)=$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: f"{name.lower().replace('_', '')}0123456789abcdef" for name in empty}
