"""What a storm did, and what came of it, for people. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.chaos.figures import Figures
    from tests.chaos.storm import Report


def table_of(report: Report) -> Table:
    """Return it as a table without lines."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name, said in rows_of(report):
        table.add_row(name, said)
    return table


def rows_of(report: Report) -> Iterator[tuple[str, str]]:
    """Yield what to tell of a storm: a name, and what is to be said."""
    figures = report.figures
    yield "mischief", listed(report.deeds.counts)
    yield "jobs", f"{figures.accepted} accepted, {figures.lost} lost, {figures.doubled} doubled: {listed(figures.jobs)}"
    yield "rate", f"{figures.rate:.1f} jobs/s in {figures.seconds:.0f} s"
    yield "attempts", f"{figures.attempts}, of which {figures.taken_over} were taken over"
    yield from _rows_of_some(figures)
    for name, seconds in figures.went_on.items():
        yield name, f"{figures.meanwhile[name]} jobs ended meanwhile, the next one after it {spread(seconds)}"
    yield from report.facts.items()
    yield "all ended", f"{report.quiet_after:.1f} s after the last mischief"
    yield "violations", str(len(report.violations))


def _rows_of_some(figures: Figures) -> Iterator[tuple[str, str]]:
    if figures.judged:
        yield "takes", f"{figures.takes} of {figures.judged} jobs whose pictures are judged"
    if figures.failed:
        yield "failed attempts", listed(figures.failed)
    if figures.take_over_seconds:
        yield "taken over within", f"{spread(figures.take_over_seconds)} ({len(figures.take_over_seconds)} jobs)"


def listed(counts: Mapping[str, int]) -> str:
    """Return what was counted, most first."""
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda item: -item[1])) or "none"


def spread(seconds: Sequence[float]) -> str:
    """Return the best, the middle and the worst of some times; of a single one, itself."""
    ordered = sorted(seconds)
    if not ordered:
        return "never"
    if len(ordered) == 1:
        return f"within {ordered[0]:.1f} s"
    return f"{ordered[0]:.1f} s at best, {ordered[len(ordered) // 2]:.1f} s in the middle, {ordered[-1]:.1f} s at worst"
