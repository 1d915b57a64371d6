"""Prints what the doctor found."""

from __future__ import annotations

import platform
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

import comfy_gen
from comfy_gen.app.doctor.finding import State, worst
from comfy_gen.cli.failures import print_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from comfy_gen.app.doctor.finding import Finding

_MARKS = {
    State.OK: ("ok", "green"),
    State.NOTE: ("-", "dim"),
    State.WARNING: ("!", "yellow"),
    State.PROBLEM: ("x", "bold red"),
}
_COLUMN = 26
"""Columns of what a finding is about: a longer name, such as a database's address, is folded."""


def show(findings: Sequence[Finding], file: Path | None, *, brief: bool, as_json: bool) -> None:
    """Print findings by area, and a closing line; ``file`` is the configuration that was read."""
    if as_json:
        facts = {"version": comfy_gen.__version__, "python": platform.python_version(), "config": str(file or "")}
        print_json({**facts, "state": worst(findings), "findings": [one.as_json() for one in findings]})
        return
    console = Console()
    config = file or "no config.yaml: defaults and environment"
    said = f"comfygen {comfy_gen.__version__} · Python {platform.python_version()} · {config}"
    console.print(said, markup=False, highlight=False, soft_wrap=True)
    shown = [one for one in findings if not brief or one.state.weight >= State.WARNING.weight]
    for area, group in groupby(shown, key=lambda one: one.area):
        console.print(Text(f"\n{area}", style="bold"))
        console.print(_table(list(group)))
    console.print(Text(f"\n{_sum(findings)}"))


def _table(findings: Sequence[Finding]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(no_wrap=True, width=2)
    table.add_column(overflow="fold", max_width=_COLUMN)
    table.add_column(overflow="fold")
    for one in findings:
        mark, style = _MARKS[one.state]
        said = Text(one.said)
        if one.mend:
            said.append(f"\n→ {one.mend}", style="cyan")
        table.add_row(Text(mark, style=style), Text(one.subject), said)
    return table


def _sum(findings: Sequence[Finding]) -> str:
    """Return the closing line."""
    counts = {state: sum(one.state is state for one in findings) for state in State}
    if counts[State.PROBLEM]:
        return f"{_counted(counts[State.PROBLEM], 'problem')}, {_counted(counts[State.WARNING], 'warning')}."
    if counts[State.WARNING]:
        return f"It works, with {_counted(counts[State.WARNING], 'warning')}."
    return "All that is asked for works."


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"
