"""How everything that is known of one job is laid out for a terminal. Pure."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from comfy_gen.cli.jobs.table import DOUBTFUL, age, eta_of, seconds, size_of, state_of, style_of
from comfy_gen.cli.plain_table import plain_table
from comfy_gen.cli.take_table import take_table
from comfy_gen.cli.webhooks.table import what_of
from comfy_gen.config import masked
from comfy_gen.jobs.records import DeliveryState
from comfy_gen.pipeline.judgement import finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from comfy_gen.cli.jobs.show import Known
    from comfy_gen.jobs.job import Artifact, Attempt, Event, JobFailure
    from comfy_gen.jobs.records import Delivery

SLOWEST = 5
"""How many nodes are named."""
NODES = "nodes"
"""The key in timings under which the seconds of nodes are."""


def card(known: Known) -> Iterator[RenderableType]:
    """Yield the parts, from what matters most on."""
    job = known.job
    yield Text.assemble((job.job_id, "bold"), f"  {job.title}")
    yield rows(_facts(known))
    if known.artifacts:
        yield Text("\nfiles", style="bold")
        yield from (_file(one, known.paths.get(one.artifact_id)) for one in known.artifacts)
    if others := [one for one in known.made if one.take != known.job.take]:
        yield Text("\nfiles of other takes", style="bold")
        yield from (_file(one, known.paths.get(one.artifact_id), is_numbered=True) for one in others)
    parts: list[tuple[str, Sequence[object], Table]] = [
        ("takes", known.takes, take_table(known.takes, chosen=known.job.take)),
        ("attempts", known.attempts, _attempts(known.attempts)),
        ("webhooks", known.deliveries, _deliveries(known.deliveries, now=known.now)),
        ("events", known.events, _events(known.events)),
    ]
    for heading, content, table in parts:
        if content:
            yield Text(f"\n{heading}", style="bold")
            yield table


def _facts(known: Known) -> Iterator[tuple[str, Text]]:
    job, now = known.job, known.now
    yield "state", Text(state_of(job, known.position, now=now), style=style_of(job))
    if job.quality is not None and known.takes:
        yield "quality", _quality(job.quality, is_final=job.state.is_end)
    plain = {
        "done": _done(known),
        "owner": job.owner,
        "priority": str(job.priority or ""),
        "accepted": f"{moment(job.created)}, {age(now - job.created)} ago",
        "started": moment(job.started),
        "ended": moment(job.ended),
        "engine": job.engine or "",
        "prompt": job.prompt_id or "",
        "worker": job.worker or "",
        "avoids": ", ".join(sorted(job.avoided)),
        "webhook": masked(job.webhook_url or ""),
        "metadata": json.dumps(dict(job.metadata), ensure_ascii=False) if job.metadata else "",
        "took": _stages(job.timings),
        "slowest": _slowest(job.timings),
    }
    yield from ((name, Text(value)) for name, value in plain.items() if value)
    yield from (("note", Text(note, style="yellow")) for note in job.notes)
    if job.failure is not None:
        yield from _failure(job.failure, is_final=job.state.is_end)


def _quality(quality: Mapping[str, Any], *, is_final: bool) -> Text:
    """Return what was found of the best take."""
    so_far = "" if is_final else ", so far"
    which = f" (take {quality['take']} of {quality['takes']}{so_far})"
    said = f"{finding(quality['passed'], quality['score'], quality['reason'])}{which}"
    return Text(said, style="" if quality["passed"] else DOUBTFUL)


def _done(known: Known) -> str:
    if known.eta is None:
        return ""
    return f"{eta_of(known.eta)}, by {known.eta.samples} like {'job' if known.eta.samples == 1 else 'jobs'}"


def _failure(failure: JobFailure, *, is_final: bool) -> Iterator[tuple[str, Text]]:
    yield "failure" if is_final else "last failure", Text(f"{failure.message} [{failure.code}]", style="red")
    if failure.hint:
        yield "", Text(f"{failure.hint[0].upper()}{failure.hint[1:]}")
    for name, value in failure.details.items():
        said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if said and said not in failure.message:
            yield name, Text(said.rstrip(), style="dim")


def _stages(timings: Mapping[str, Any]) -> str:
    return " · ".join(f"{name} {seconds(time)}" for name, time in timings.items() if isinstance(time, int | float))


def _slowest(timings: Mapping[str, Any]) -> str:
    nodes: Mapping[str, float] = timings.get(NODES) or {}
    longest = sorted(nodes.items(), key=lambda item: -item[1])[:SLOWEST]
    return " · ".join(f"node {node_id} {seconds(time)}" for node_id, time in longest)


def _attempts(attempts: Sequence[Attempt]) -> Table:
    table = _table("", "engine", "worker", "ending", "took", "why")
    for one in attempts:
        length = "" if one.ended is None else seconds(one.ended - one.started)
        why = one.failure.message if one.failure else ""
        _add(table, str(one.number), one.engine or "", one.worker, one.ending or "goes on", length, why)
    return table


def _file(artifact: Artifact, path: Path | None, *, is_numbered: bool = False) -> Text:
    """Return a line with the path as its last word, to be copied: no table may fold it."""
    sides = f"{artifact.width}x{artifact.height}" if artifact.width and artifact.height else ""
    take = f"take {artifact.take}" if is_numbered else ""
    facts = filter(None, [take, f"node {artifact.node_id}", artifact.kind, sides, size_of(artifact.size)])
    return Text.assemble((" · ".join(facts), "dim"), f"  {path or artifact.key}")


def _deliveries(deliveries: Sequence[Delivery], *, now: float) -> Table:
    table = _table("id", "tells", "tries", "", "why")
    for one in deliveries:
        _add(table, one.delivery_id, what_of(one), str(one.tries), _delivered(one, now), one.error)
    return table


def _delivered(delivery: Delivery, now: float) -> str:
    if delivery.is_done:
        return f"received ({delivery.status})"
    if delivery.next_at is None:
        return "given up" if delivery.standing is DeliveryState.DEAD else "dropped"
    return f"next in {seconds(max(delivery.next_at - now, 0))}"


def _events(events: Sequence[Event]) -> Table:
    table = _table("", "at", "what", "")
    for one in events:
        facts = {name: value for name, value in one.data.items() if name not in {"state", "attempt", "text"}}
        what = str(one.data.get("text") or one.data.get("state") or one.type)
        _add(table, str(one.number), moment(one.at), what, json.dumps(facts, ensure_ascii=False) if facts else "")
    return table


def moment(at: float | None) -> str:
    """Return a moment in the time of the place."""
    if at is None:
        return ""
    return dt.datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def rows(named: Iterable[tuple[str, Text]]) -> Table:
    """Return values with their names before them, a line each."""
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(style="dim", justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in named:
        table.add_row(name, value)
    return table


def _table(*headings: str) -> Table:
    table = plain_table()
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _add(table: Table, *cells: str) -> None:
    table.add_row(*(Text(cell) for cell in cells))
