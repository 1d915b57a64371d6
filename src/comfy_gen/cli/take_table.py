"""How the takes of a job are shown in a table, a line each. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from comfy_gen.cli.jobs.table import DOUBTFUL
from comfy_gen.cli.plain_table import plain_table
from comfy_gen.pipeline.judgement import change_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from comfy_gen.validation.takes import Take

PASSED = {True: ("passed", "green"), False: ("not passed", DOUBTFUL), None: ("not judged", DOUBTFUL)}


def take_table(takes: Sequence[Take], *, chosen: int) -> Table:
    """Return one line for each take: what was changed for it, and what was found, and which was kept."""
    table = plain_table()
    for heading in ("", "passed", "similarity", "changed", "engine", "why"):
        table.add_column(heading, overflow="fold")
    for take in takes:
        mark = f"{take.number}{' kept' if take.number == chosen else ''}"
        score = "" if take.score is None else f"{take.score:.3f}"
        cells = [Text(one) for one in (score, change_words(take.changes), take.engine, take.reason)]
        table.add_row(mark, Text(*PASSED[take.passed]), *cells)
    return table
