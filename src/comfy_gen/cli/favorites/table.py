"""How favorites are listed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from comfy_gen.cli.jobs.table import age, cut, short_ids
from comfy_gen.cli.library.table import one_line, stars
from comfy_gen.cli.plain_table import plain_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from comfy_gen.library.generation import Favorite


def favorite_table(favorites: Sequence[Favorite], *, now: float) -> Table:
    """Return one line for each favorite."""
    table = plain_table()
    table.add_column("id", no_wrap=True)
    table.add_column("rating", no_wrap=True)
    table.add_column("generation", no_wrap=True)
    table.add_column("categories", max_width=24)
    table.add_column("tags", max_width=24)
    table.add_column("feedback", ratio=1)
    table.add_column("age", justify="right", no_wrap=True)
    ids = short_ids(one.generation_id for one in favorites)
    for one in favorites:
        cells = cut(", ".join(one.categories)), cut(", ".join(one.tags)), cut(one_line(one.feedback))
        generation, old = ids[one.generation_id], Text(age(now - one.created))
        table.add_row(one.favorite_id, stars(one), generation, *cells, old)
    return table
