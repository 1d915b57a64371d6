"""How categories are shown in a table, a line each. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from comfy_gen.cli.jobs.table import cut
from comfy_gen.cli.plain_table import plain_table
from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.tier import Tier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from comfy_gen.composition.categories.category import Category

WIDE = 100
"""Columns that a terminal must have for the keywords to be in the table too."""


def category_table(categories: Sequence[Category], width: int) -> Table:
    """Return one line for each category."""
    table = plain_table()
    table.add_column("tag", style="bold", no_wrap=True)
    table.add_column("type", no_wrap=True)
    table.add_column("what it is for")
    if width >= WIDE:
        table.add_column("known by", style="dim")
    for one in categories:
        said = cut(one.description if one.tier is Tier.GENERAL else f"{one.description} ({one.tier})")
        cells = Text(f"@{one.id}"), str(one.kind), said, cut(", ".join(one.keywords.all))
        table.add_row(*cells[: len(table.columns)])
    return table


def headline(categories: Sequence[Category]) -> str:
    """Return how many there are of each type, in a line."""
    counts = Counter(one.kind for one in categories)
    said = [f"{counts[kind]} {kind}{'s' * (counts[kind] > 1)}" for kind in Kind if counts[kind]]
    own = sum(bool(one.source) for one in categories)
    return " · ".join([*said, *([f"{own} of your own"] if own else [])])
