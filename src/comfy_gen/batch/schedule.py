"""Decides which job goes to which engine next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.batch.backlog import Backlog
    from comfy_gen.batch.job import Job
    from comfy_gen.engines.health import Health


@dataclass(frozen=True, slots=True)
class Seat:
    """One engine as the schedule sees it."""

    url: str
    health: Health
    running: int
    capacity: int

    @property
    def room(self) -> int:
        """How many more jobs it may get."""
        return self.health.room(self.running, capacity=self.capacity)


class Placement(NamedTuple):
    """A job and the engine that gets it."""

    job: Job
    url: str


def place(backlog: Backlog, seats: Sequence[Seat], *, now: float) -> Placement | None:
    """Take the next job out of the backlog for an engine that has room; None where nothing can be placed.

    The least busy engine is served first. A job keeps away from engines that failed it as long as another one is
    up, though that one may be busy now.
    """
    up = {seat.url for seat in seats if not seat.health.is_doubted}
    for seat in sorted((seat for seat in seats if seat.room), key=lambda seat: (seat.running, seat.health.failures)):
        job = backlog.take(now, lambda job, url=seat.url: url not in job.avoided or up <= job.avoided)
        if job is not None:
            return Placement(job, seat.url)
    return None


def gives_up_at(seats: Sequence[Seat], *, patience: float) -> float | None:
    """Return when to stop waiting for engines, all of which are gone; None while one is there."""
    gone = [seat.health.gone_since for seat in seats]
    since = [moment for moment in gone if moment is not None]
    return max(since) + patience if seats and len(since) == len(gone) else None
