"""The bars of the jobs that a person watches: a line each, as many as the terminal has room for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Self

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from comfy_gen.cli.jobs.table import DOUBTFUL, STYLES, cut, eta_of, short_ids
from comfy_gen.jobs.job import JobState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console, RenderableType

    from comfy_gen.cli.jobs.view import JobView

FEWEST = 3
"""Lines that are shown, however low the terminal is."""


class Bars:
    """Shows jobs as long as the block lasts, and what became of them after it; no bars where there is no terminal."""

    def __init__(self, console: Console, views: Sequence[JobView]) -> None:
        self.views = list(views)
        self._ids = short_ids(view.job_id for view in views)
        self._console = console
        self._advice = ""
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=8)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def say(self, advice: str) -> None:
        """Show this below the bars; where there are none, say it once."""
        if advice and advice != self._advice and not self._console.is_terminal:
            self._console.print(advice, markup=False, highlight=False, soft_wrap=True)
        self._advice = advice

    def shown(self) -> list[JobView]:
        """Return the jobs for which there is room: those that run, then those that wait, then those that ended."""
        room = max(self._console.height - 3, FEWEST)
        by_interest = sorted(self.views, key=lambda view: (not view.state.is_active, view.state.is_end))
        chosen = {view.job_id for view in by_interest[:room]}
        return [view for view in self.views if view.job_id in chosen]

    def _render(self) -> RenderableType:
        return render(self.shown(), self.views, self._ids, self._advice)


def render(shown: Sequence[JobView], views: Sequence[JobView], ids: Mapping[str, str], advice: str) -> RenderableType:
    """Return a line for each job that is shown, and one for all where there are several."""
    table = Table.grid(padding=(0, 1), expand=False)
    table.add_column(no_wrap=True)
    table.add_column(max_width=24)
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column()
    for view in shown:
        state = Text(str(view.state), style=DOUBTFUL if view.shortfall else STYLES.get(view.state, ""))
        bar = ProgressBar(total=1.0, completed=view.share, width=20)
        table.add_row(ids[view.job_id], cut(view.title), state, bar, cut(_beside(view)))
    said = [Text(text, style=style) for text, style in ((_summary(views), "dim"), (advice, "yellow")) if text]
    return Group(table, *said)


def _beside(view: JobView) -> str:
    """Return what stands beside a bar."""
    if view.failure or view.shortfall:
        return view.failure or view.shortfall
    if view.state is JobState.GENERATING:
        where = f"on {view.engine}" if view.engine else ""
        return "  ".join(filter(None, [f"{view.share:4.0%}", view.detail, where, eta_of(view.eta), view.found]))
    place = "held" if view.is_held else f"#{view.position:,}" if view.position else ""
    return "  ".join(filter(None, [place, view.detail, eta_of(view.eta), view.found]))


def _summary(views: Sequence[JobView]) -> str:
    if len(views) == 1:
        return ""
    counts = Counter(view.state for view in views)
    ended = sum(number for state, number in counts.items() if state.is_end)
    others = [f"{counts[state]:,} {state}" for state in JobState if counts[state] and state is not JobState.COMPLETED]
    return " · ".join([f"{ended:,} of {len(views):,} ended", *others])
