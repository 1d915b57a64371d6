"""How jobs are shown in a table, a line each. Pure."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from rich.text import Text

from comfy_gen.cli.batch_table import clock
from comfy_gen.cli.plain_table import plain_table
from comfy_gen.cli.visible import visible
from comfy_gen.jobs.job import ACTIVE, MADE, JobState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.table import Table

    from comfy_gen.engines.durations import Estimate
    from comfy_gen.jobs.job import Job

SHORTEST = 8
"""Characters of an id that are shown, where they tell it from the others."""
STYLES = {
    JobState.COMPLETED: "green",
    JobState.PARTIAL: "yellow",
    JobState.FAILED: "red",
    JobState.CANCELLED: "dim",
    **dict.fromkeys(ACTIVE, "cyan"),
}
DOUBTFUL = "yellow"
"""The style of a job that is done, but whose pictures did not pass or could not be judged."""
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def job_table(jobs: Sequence[Job], positions: Mapping[str, int | None], *, now: float) -> Table:
    """Return one line for each job: what it is, where it is, how long that took."""
    table = plain_table()
    table.add_column("id", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("title")
    table.add_column("engine", max_width=24)
    table.add_column("age", justify="right", no_wrap=True)
    table.add_column("took", justify="right", no_wrap=True)
    shown = short_ids(job.job_id for job in jobs)
    for job in jobs:
        state = Text(state_of(job, positions.get(job.job_id), now=now), style=style_of(job))
        cells = cut(job.title), cut(job.engine or ""), age(now - job.created), took(job, now=now)
        table.add_row(shown[job.job_id], state, *cells)
    return table


def cut(said: str) -> Text:
    """Return text that stays on one line, however little room there is.

    For cells of columns that may be narrowed: rich narrows those that do not wrap last, and then all alike.
    """
    return Text(visible(said), no_wrap=True, overflow="ellipsis")


def headline(counts: Mapping[JobState, int], *, is_paused: bool) -> str:
    """Return how many jobs are in each state, in a line."""
    said = [f"{number:,} {state}" for state, number in counts.items() if number]
    return " · ".join([*(said or ["no jobs"]), *(["the queue is paused"] if is_paused else [])])


def state_of(job: Job, position: int | None = None, *, now: float = 0.0) -> str:
    """Return a job's state in a few words: with its place in the line, or how far it is."""
    if job.state is JobState.QUEUED:
        return _waiting(job, position, now)
    if job.is_cancelling and not job.state.is_end:
        return "cancelling"
    if job.state is JobState.GENERATING and job.progress is not None:
        return f"{job.state} {job.progress:.0%}"
    return f"{job.state}{doubt(job)}"


def style_of(job: Job) -> str:
    """Return the style of a job's state."""
    return DOUBTFUL if doubt(job) else STYLES.get(job.state, "")


def doubt(job: Job) -> str:
    """Return what follows on the state of a job whose pictures did not pass; nothing for others."""
    if job.state not in MADE or job.quality is None or job.quality["passed"]:
        return ""
    return ", not passed" if job.quality["passed"] is False else ", not judged"


def _waiting(job: Job, position: int | None, now: float) -> str:
    if job.is_held:
        return "held"
    place = f" #{position:,}" if position else ""
    again = f", again in {clock(job.not_before - now)}" if job.not_before > now else ""
    return f"queued{place}{again}"


def took(job: Job, *, now: float) -> str:
    """Return how long a job ran, or has run; nothing for one that has yet to start."""
    if job.started is None:
        return ""
    return seconds((now if job.ended is None else job.ended) - job.started)


def seconds(time: float) -> str:
    """Return a length of time, the finer the shorter it is."""
    if time < 0.1:
        return f"{max(time, 0) * 1000:.0f} ms"
    return f"{time:.1f} s" if time < 10 else clock(time)


def age(time: float) -> str:
    """Return roughly how long ago something was."""
    size, unit = next(((size, unit) for size, unit in _UNITS if time >= size), (1, "s"))
    return f"{max(int(time / size), 0)} {unit}"


def eta_of(estimate: Estimate | None) -> str:
    """Return when a job should be done: the median, and by when nine in ten are."""
    if estimate is None:
        return ""
    median, most = clock(max(estimate.median, 1)), clock(max(estimate.p90, 1))
    return f"in {median}" if median == most else f"in {median} … {most}"


def size_of(count: float) -> str:
    """Return a file's size."""
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """Return the beginning of each id, as long as it takes to tell it from the others."""
    known = sorted(set(ids))
    lengths = dict.fromkeys(known, SHORTEST)
    for one, other in itertools.pairwise(known):
        same = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
        for job_id in (one, other):
            lengths[job_id] = max(lengths[job_id], same + 1)
    return {job_id: job_id[:length] for job_id, length in lengths.items()}
