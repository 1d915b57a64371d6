"""How presets are shown. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from comfy_gen.cli.jobs.card import rows
from comfy_gen.cli.jobs.table import cut
from comfy_gen.cli.plain_table import plain_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType
    from rich.table import Table

    from comfy_gen.library.presets import Preset


def preset_table(presets: Sequence[Preset]) -> Table:
    """Return one line for each preset."""
    table = plain_table()
    table.add_column("name", no_wrap=True)
    table.add_column("owner", max_width=16)
    table.add_column("sets", ratio=2)
    table.add_column("for", ratio=1)
    for one in presets:
        sets = " · ".join(f"{name} {said(value)}" for name, value in one.values.items())
        table.add_row(one.name, cut(one.owner), cut(sets), cut(one.description))
    return table


def preset_card(preset: Preset) -> RenderableType:
    """Return what a preset sets, a line each."""
    head = Text.assemble((preset.name, "bold"), f"  {preset.description}")
    return Group(head, rows((name, Text(said(value))) for name, value in preset.values.items()))


def said(value: Any) -> str:
    """Return a value as it is said on the command line."""
    if isinstance(value, list):
        return ", ".join(map(_item, value))  # pyright: ignore[reportUnknownArgumentType]  # JSON
    return str(value)


def _item(value: str | Mapping[str, Any]) -> str:
    return value if isinstance(value, str) else f"{value['name']}:{value['strength']:g}"
