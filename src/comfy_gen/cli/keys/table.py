"""How keys are shown. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.text import Text

from comfy_gen.cli.jobs.table import age, cut
from comfy_gen.cli.plain_table import plain_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from comfy_gen.jobs.keys import ApiKey


def key_table(keys: Sequence[ApiKey], *, now: float) -> Table:
    """Return one line for each key."""
    table = plain_table()
    table.add_column("id", no_wrap=True)
    table.add_column("name")
    table.add_column("owner")
    table.add_column("may")
    table.add_column("tier", no_wrap=True)
    table.add_column("limits")
    table.add_column("age", justify="right", no_wrap=True)
    for key in keys:
        style = "" if key.revoked is None else "dim"
        cells = cut(key.name), cut(key.owner), cut(may(key)), key.tier, cut(limits(key))
        table.add_row(key.key_id, *cells, Text(age(now - key.created)), style=style)
    return table


def may(key: ApiKey) -> str:
    """Return what a key may do."""
    return ", ".join(sorted(key.scopes)) if key.revoked is None else "nothing: it is revoked"


def limits(key: ApiKey) -> str:
    """Return the limits that a key has of its own."""
    waiting = "" if key.max_waiting is None else f"{key.max_waiting:,} waiting"
    return ", ".join(filter(None, [key.rate, waiting]))


def key_json(key: ApiKey) -> dict[str, Any]:
    """Return a key as ``--json`` prints it: without what is kept of its secret."""
    facts = asdict(key) | {"scopes": sorted(key.scopes)}
    del facts["digest"]
    return facts
