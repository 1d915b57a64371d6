"""How engines are shown: a line each, or all that a check found. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from comfy_gen.cli.jobs.table import cut
from comfy_gen.cli.plain_table import plain_table
from comfy_gen.errors import listing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from comfy_gen.cli.engines.probe import Health

SHOWN = 8
"""How many model folders are named."""


def engine_table(engines: Sequence[Health]) -> Table:
    """Return a line for each engine."""
    table = plain_table()
    table.add_column("engine", style="bold")
    table.add_column("", no_wrap=True)
    table.add_column("queue", no_wrap=True, justify="right")
    table.add_column("answers in", no_wrap=True, justify="right")
    table.add_column("takes", no_wrap=True)
    table.add_column("tags")
    table.add_column("what", overflow="fold")
    for one in engines:
        queue = "" if one.queue is None else str(one.queue)
        what = one.version.partition(" (")[0] if one.is_up else one.error
        cells = [Text(cell) for cell in (queue, latency(one), share(one), ", ".join(one.entry.tags), what)]
        table.add_row(cut(one.entry.name), status(one), *cells)
    return table


def status(engine: Health) -> Text:
    """Return whether an engine answers, and gets jobs."""
    if not engine.is_up:
        return Text("down" if not engine.entry.is_draining else "down, draining", style="red")
    return Text("draining", style="yellow") if engine.entry.is_draining else Text("up", style="green")


def latency(engine: Health) -> str:
    """Return how long an answer takes."""
    return "" if engine.latency is None else f"{max(engine.latency * 1000, 0.1):.2g} ms"


def share(engine: Health) -> str:
    """Return how much work an engine gets."""
    entry = engine.entry
    return f"{entry.depth} at a time" + (f", weight {entry.weight:g}" if entry.weight != 1 else "")


def check_rows(engine: Health) -> Iterator[tuple[str, str]]:
    """Yield what a check found, a line each."""
    yield "address", engine.entry.address
    if not engine.is_up:
        yield "wrong", engine.error
        return
    yield "is", engine.version
    yield "answers in", latency(engine)
    yield "queue", f"{engine.queue} prompts"
    yield "nodes", f"{engine.classes:,} classes"
    yield "models", models(engine)
    yield "WebSocket", "gets through" if engine.has_socket else "does not get through: it will be polled"


def models(engine: Health) -> str:
    """Return how many model files an engine has, by folder."""
    counted = sorted(((count, folder) for folder, count in engine.models.items() if count), key=lambda one: -one[0])
    if not counted:
        return "none"
    shown = [f"{count} in {folder}" for count, folder in counted]
    return listing(shown, limit=SHOWN)


def health_json(engine: Health) -> dict[str, Any]:
    """Return an engine as ``--json`` prints it: without its login."""
    entry = engine.entry
    facts: dict[str, Any] = {
        "name": entry.name,
        "url": entry.address,
        "tags": list(entry.tags),
        "weight": entry.weight,
        "depth": entry.depth,
        "state": entry.state,
        "up": engine.is_up,
        "version": engine.version or None,
        "queue": engine.queue,
        "latency_seconds": engine.latency,
        "error": engine.error or None,
    }
    if engine.classes is None:
        return facts
    return facts | {"classes": engine.classes, "models": dict(engine.models), "websocket": engine.has_socket}
