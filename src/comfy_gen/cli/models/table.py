"""How models are shown: those that there are, those that are missing, those that can be fetched. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from comfy_gen.cli.jobs.table import cut, size_of
from comfy_gen.cli.plain_table import plain_table
from comfy_gen.cli.visible import visible
from comfy_gen.errors import listing
from comfy_gen.models.pickles import is_pickle_name
from comfy_gen.models.reference import without_login

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from rich.table import Table

    from comfy_gen.cli.models.missing import Readiness
    from comfy_gen.models.coverage import NeedState
    from comfy_gen.models.fallbacks import Fallback
    from comfy_gen.models.fetching import Fetched, Planned
    from comfy_gen.models.folder import LocalModel
    from comfy_gen.models.model import Model
    from comfy_gen.models.recommendation import Recommendation
    from comfy_gen.models.registry import Entry
    from comfy_gen.models.sources import Found
    from comfy_gen.models.verification import Checked

_STATES = {"good": "green", "entered": "green", "damaged": "red", "missing": "red"}


def engine_table(files: Mapping[str, Sequence[str]]) -> Table:
    """Return the files of one engine, a line each, with their folders."""
    table = plain_table()
    table.add_column("folder", no_wrap=True)
    table.add_column("file", overflow="fold")
    for folder, names in files.items():
        for number, name in enumerate(names):
            table.add_row(Text("" if number else visible(folder)), Text(visible(name)))
    return table


def local_table(models: Sequence[LocalModel], entries: Mapping[str, Entry]) -> Table:
    """Return the files of this machine, with what the registry says of them."""
    table = plain_table()
    table.add_column("folder", no_wrap=True)
    table.add_column("file", overflow="fold")
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("base", no_wrap=True)
    table.add_column("licence", max_width=24)
    before = ""
    for one in models:
        entry = entries.get(f"{one.folder}/{one.file}")
        told = ("", "unknown") if entry is None else (entry.model.base, entry.model.licence)
        folder, before = ("" if one.folder == before else one.folder), one.folder
        table.add_row(Text(visible(folder)), Text(visible(one.file)), size_of(one.size), cut(told[0]), cut(told[1]))
    return table


def manifest_table(models: Mapping[str, Model], here: Container[tuple[str, str]], *, is_wide: bool) -> Table:
    """Return the models that can be downloaded by a name; ``here`` has folder and file of those on this machine."""
    table = plain_table()
    table.add_column("name", no_wrap=True)
    table.add_column("here", no_wrap=True)
    table.add_column("file", overflow="fold")
    table.add_column("size", justify="right", no_wrap=True)
    for heading in ("folder", "licence") if is_wide else ():
        table.add_column(heading, no_wrap=True)
    for name, one in sorted(models.items()):
        is_here = "yes" if (one.folder, one.file) in here else ""
        cells = (name, is_here, Text(one.file), size_of(one.size) if one.size else "", one.folder, cut(one.licence))
        table.add_row(*cells[: len(table.columns)])
    return table


def set_table(sets: Mapping[str, Sequence[str]]) -> Table:
    """Return the sets of models, with the names of what is in each."""
    table = plain_table()
    table.add_column("set", no_wrap=True)
    table.add_column("models", overflow="fold")
    for name, members in sorted(sets.items()):
        table.add_row(name, Text(", ".join(members)))
    return table


def found_table(found: Sequence[Found]) -> Table:
    """Return what a search came upon."""
    table = plain_table()
    table.add_column("source", overflow="fold", ratio=3)
    table.add_column("what", ratio=2)
    table.add_column("base", max_width=10)
    table.add_column("fetched", justify="right", no_wrap=True)
    for one in found:
        model = one.model
        title = f"{model.title or model.file}{' (gated)' if one.is_gated else ''}"
        table.add_row(Text(model.source), cut(title), cut(model.base), f"{one.downloads:,}" if one.downloads else "")
    return table


def plan_table(planned: Sequence[Planned]) -> Table:
    """Return what is to be fetched."""
    table = plain_table()
    table.add_column("file", overflow="fold")
    table.add_column("to fetch", justify="right", no_wrap=True)
    table.add_column("licence", max_width=24)
    for one in planned:
        model = one.model
        size = "here" if one.is_here else "unknown" if one.to_fetch is None else size_of(one.to_fetch)
        table.add_row(Text(f"{model.folder}/{model.file}"), size, cut(model.licence))
    return table


def fetched_line(fetched: Fetched) -> Text:
    """Return what became of one model."""
    if not fetched.is_new:
        return Text.assemble(("Here    ", "dim"), (str(fetched.path), "bold"), ("  it was here already", "dim"))
    resumed = f", {size_of(fetched.resumed_bytes)} of it before" if fetched.resumed_bytes else ""
    facts = f"  {size_of(fetched.size)}{resumed}, sha256 {fetched.sha256[:12]}…"
    return Text.assemble(("Fetched ", "green"), (str(fetched.path), "bold"), (facts, "dim"))


def checked_table(checked: Sequence[Checked]) -> Table:
    """Return what a check of this machine's files found."""
    table = plain_table()
    table.add_column("state", no_wrap=True)
    table.add_column("file", overflow="fold")
    table.add_column("what", overflow="fold")
    for one in checked:
        what = one.reason or f"sha256 {one.sha256[:12]}…"
        table.add_row(
            Text(one.state, style=_STATES[one.state]),
            Text(visible(f"{one.model.folder}/{one.model.file}")),
            Text(visible(what)),
        )
    return table


def recommended_lines(recommended: Iterable[Recommendation]) -> Iterator[Text]:
    """Yield each recommendation with its reason and how to follow it."""
    for one in recommended:
        yield Text.assemble((one.name, "bold"), f"  {one.task}")
        yield Text(f"  {one.reason}")
        if one.models:
            pickle = " --allow-pickle" if any(is_pickle_name(model.file) for model in one.models) else ""
            yield Text(f"  comfygen models download template:{one.name}{pickle}", style="dim")


def readiness_lines(found: Sequence[Readiness]) -> Iterator[Text]:
    """Yield which workflows have all their models, and each model that others lack, once."""
    ready = [one.name for one in found if one.coverage.is_complete]
    if ready:
        yield Text.assemble(("ready    ", "green"), listing(ready, limit=len(ready)))
    users: dict[tuple[str, str], list[str]] = {}
    states: dict[tuple[str, str], NeedState] = {}
    for one in found:
        for need in one.coverage.missing:
            users.setdefault((need.folder, need.file), []).append(one.name)
            states.setdefault((need.folder, need.file), need)
    for place, need in states.items():
        yield Text.assemble(
            ("missing  ", "red"), (visible("/".join(place)), "bold"), f"  for {', '.join(users[place])}"
        )
        yield from need_lines(need.fallbacks, need.model)
    if states:
        yield Text("All models of a shipped workflow: comfygen models download template:NAME", style="dim")


def need_lines(fallbacks: Iterable[Fallback], model: Model | None) -> Iterator[Text]:
    """Yield what could stand in for a missing model, and where it is to be had."""
    for one in fallbacks:
        yield below("instead", f"{one.file} ({one.reason})")
    if model is not None and model.source:
        size = size_of(model.size) if model.size else ""
        yield below("from", ", ".join(filter(None, (without_login(model.source), size, model.licence))))
    elif model is not None and model.page:
        yield below("see", model.page)


def below(name: str, said: str) -> Text:
    """Return a line that belongs to the one above."""
    return Text.assemble((f"{name:>16}  ", "dim"), visible(said))
