"""The look that all lists have: columns without lines, to be read and to be cut up by other programs."""

from __future__ import annotations

from rich.table import Table


def plain_table() -> Table:
    """Return a table that has no columns yet."""
    return Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
