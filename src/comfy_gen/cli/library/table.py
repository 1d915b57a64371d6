"""How generations, and the differences between two, are listed. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.text import Text

from comfy_gen.cli.jobs.table import age, cut, short_ids
from comfy_gen.cli.plain_table import plain_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from comfy_gen.library.diff import Difference
    from comfy_gen.library.generation import Favorite, Generation

_LONGEST = 200
"""Characters of a value that are shown; ``--json`` has the whole."""


def generation_table(generations: Sequence[Generation], *, now: float) -> Table:
    """Return one line for each generation."""
    table = plain_table()
    table.add_column("id", no_wrap=True)
    table.add_column("prompt", ratio=3)
    table.add_column("model", max_width=24)
    table.add_column("categories", max_width=24)
    is_judged = any(one.passed is not None or one.score is not None for one in generations)
    if is_judged:
        table.add_column("score", no_wrap=True)
    table.add_column("liked", no_wrap=True)
    table.add_column("age", justify="right", no_wrap=True)
    ids = short_ids(one.generation_id for one in generations)
    for one in generations:
        cells = cut(one_line(one.prompt or one.title)), cut(painter_of(one)), cut(", ".join(one.categories))
        judged = [score_of(one)] if is_judged else []
        table.add_row(ids[one.generation_id], *cells, *judged, stars(one.favorite), Text(age(now - one.created)))
    return table


def difference_table(differences: Sequence[Difference]) -> Table:
    """Return one line for each difference."""
    table = plain_table()
    table.add_column("what", no_wrap=True)
    for heading in ("before", "after"):
        table.add_column(heading, overflow="fold", ratio=1)
    for one in differences:
        table.add_row(Text(one.field), Text(shown(one.before), style="red"), Text(shown(one.after), style="green"))
    return table


def stars(favorite: Favorite | None) -> Text:
    """Return the rating of a favorite; nothing for what is none."""
    return Text("" if favorite is None else "★" * favorite.rating, style="yellow")


def score_of(generation: Generation) -> Text:
    """Return how like its prompt a generation is, with a cross where it did not pass; a tick where it has no score."""
    plain = "" if generation.score is None else f"{generation.score:.2f}"
    if generation.passed is False:
        return Text(f"{plain} ✗".strip(), style="red")
    return Text(plain or ("✓" if generation.passed else ""))


def painter_of(generation: Generation) -> str:
    """Return the file of the model that painted, without its folder and ending."""
    painters = [one.file for one in generation.models if one.folder in {"checkpoints", "diffusion_models"}]
    return painters[0].replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0] if painters else ""


def one_line(said: str) -> str:
    """Return a text without its line breaks."""
    return " ".join(said.split())


def shown(value: Any) -> str:
    """Return a value for people: text as it is, nothing for what is not there, the rest as JSON; cut if it is long."""
    if value is None:
        return ""
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]} …"
