"""Categories for tests, as small as they may be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from comfy_gen.composition.categories.category import Category, Keywords, Kind, Rules
from comfy_gen.composition.tier import Tier

if TYPE_CHECKING:
    from pathlib import Path


def category(
    category_id: str = "fox",
    kind: Kind = Kind.SUBJECT,
    *,
    words: tuple[str, ...] | None = None,
    tier: Tier = Tier.GENERAL,
    source: str = "",
    **rules: object,
) -> Category:
    """Return a category; ``rules`` are those of `Rules`."""
    return Category(
        id=category_id,
        kind=kind,
        display_name=category_id.capitalize(),
        description=f"About {category_id}.",
        keywords=Keywords(primary=(category_id,) if words is None else words),
        tier=tier,
        rules=Rules(**rules),
        source=source,
    )


def text_of(category_id: str = "fox", more: str = "", kind: str = "subject") -> str:
    """Return the text of a file; ``more`` is put at its end."""
    head = f"id: {category_id}\ntype: {kind}\ndisplay_name: A name\ndescription: What it is for.\n"
    return f"{head}keywords: {{primary: [{category_id}]}}\n{more}"


def write(folder: Path, category_id: str = "fox", more: str = "", *, seconds: int = 0) -> Path:
    """Write a file; its time of change is the number of seconds, so that one later is another."""
    path = folder / f"{category_id}.yaml"
    path.write_text(text_of(category_id, more), encoding="utf-8")
    os.utime(path, (seconds, seconds))
    return path
