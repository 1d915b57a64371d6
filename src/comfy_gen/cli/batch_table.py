"""The live table of a batch: what each engine does, how fast it goes, how long it will take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from comfy_gen.batch.queue import AsyncQueueManager

_STYLES = {"up": "green", "trying": "yellow", "resting": "red"}


class BatchTable:
    """Shows a queue's statistics as long as the block lasts; silent where the console is no terminal."""

    def __init__(self, console: Console, queue: AsyncQueueManager, *, is_shown: bool) -> None:
        self._queue = queue
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=4, transient=True)
        self._is_shown = is_shown and console.is_terminal

    def __enter__(self) -> Self:
        if self._is_shown:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            self._live.stop()

    def _render(self) -> RenderableType:
        return render(self._queue.get_statistics())


def render(statistics: dict[str, Any]) -> RenderableType:
    """Return the table and the line below it."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("engine")
    for name in ("running", "done", "failed"):
        table.add_column(name, justify="right")
    table.add_column("")
    for url, engine in statistics["engines"].items():
        state = Text(engine["state"], style=_STYLES[engine["state"]])
        table.add_row(url, *(str(engine[name]) for name in ("running", "completed", "failed")), state)
    ended = statistics["completed"] + statistics["failed"] + statistics["cancelled"]
    footer = Table.grid(padding=(0, 1))
    footer.add_row(ProgressBar(total=max(statistics["total"], 1), completed=ended, width=30), summary(statistics))
    return Group(table, footer)


def summary(statistics: dict[str, Any]) -> str:
    """Return how far it is, how fast it goes and when it will be done, in a line."""
    ended = statistics["completed"] + statistics["failed"] + statistics["cancelled"]
    said = [f"{ended} of {statistics['total']}"]
    if statistics["failed"]:
        said.append(f"{statistics['failed']} failed")
    if statistics["retries"]:
        said.append(f"{statistics['retries']} tried again")
    if ended and statistics["elapsed_seconds"]:
        pace = ended / statistics["elapsed_seconds"]
        said.append(f"{pace:.1f} jobs/s" if pace >= 1 else f"{1 / pace:.1f} s/job")
        said.append(f"{clock((statistics['total'] - ended) / pace)} left")
    return " · ".join(said)


def clock(seconds: float) -> str:
    """Return a time as a person says it."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}" if minutes else f"{rest} s"
