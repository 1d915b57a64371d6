"""The reference in ``docs/reference``: pages made of what the code says of itself. ``make reference`` writes them.

Each module renders one page and does no I/O; what has no text of its own fails there, by its name.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scripts.reference import agents, commands, errors, events, http, metrics, objects, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FOLDER = Path(__file__).parents[2] / "docs" / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands.render,
    "http.md": http.render,
    "objects.md": objects.render,
    "settings.md": settings.render,
    "errors.md": errors.render,
    "events.md": events.render,
    "agents.md": agents.render,
    "metrics.md": metrics.render,
}
"""What makes each page, by the name of its file."""
