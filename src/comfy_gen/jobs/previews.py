"""What the pictures of running jobs look like by now: the latest frame of each, in memory and in this process alone."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY = 0.25
"""Seconds between two frames of a job that somebody is told of: all who watch look at each."""
MOST = 256
"""So many jobs have a frame; those whose frame is oldest lose it first."""


@dataclass(frozen=True, slots=True)
class Preview:
    """One frame."""

    number: int
    """Counts the frames of all jobs: a higher one is newer."""
    media_type: str
    image: bytes = field(repr=False)
    node_id: str = ""
    """The node that paints it; empty where the engine does not say."""


class Previews:
    """The latest frames. Lives on one loop."""

    def __init__(self, on_change: Callable[[str], object], *, clock: Callable[[], float] = time.monotonic) -> None:
        """``on_change`` is told of each job that has a new frame, unless it was told of one just now."""
        self._on_change = on_change
        self._clock = clock
        self._told: dict[str, float] = {}
        self._frames: OrderedDict[str, Preview] = OrderedDict()
        self._count = 0

    def put(self, job_id: str, image: bytes, media_type: str, node_id: str = "") -> None:
        """Have this be what a job looks like."""
        self._count += 1
        self._frames[job_id] = Preview(self._count, media_type, image, node_id)
        self._frames.move_to_end(job_id)
        if len(self._frames) > MOST:
            self._forget(next(iter(self._frames)))
        now = self._clock()
        if now - self._told.get(job_id, -EVERY) >= EVERY:
            self._told[job_id] = now
            self._on_change(job_id)

    def latest(self, job_id: str) -> Preview | None:
        """Return what a job looks like; None where nothing is known."""
        return self._frames.get(job_id)

    def drop(self, job_id: str) -> None:
        """Forget what a job looked like."""
        self._forget(job_id)

    def _forget(self, job_id: str) -> None:
        self._frames.pop(job_id, None)
        self._told.pop(job_id, None)
