"""Writes the pages of the reference: ``python -m scripts.reference``."""

from __future__ import annotations

from scripts.reference import FOLDER, PAGES

for name, render in PAGES.items():
    (FOLDER / name).write_text(render(), encoding="utf-8")
