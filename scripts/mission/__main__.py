"""Writes `docs/mission.md`: ``python -m scripts.mission``."""

from __future__ import annotations

from scripts.mission.index import read_index
from scripts.mission.page import PAGE, render

PAGE.write_text(render(read_index()), encoding="utf-8")
