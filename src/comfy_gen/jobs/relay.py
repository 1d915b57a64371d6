"""Passes on what engines say of the jobs that run in this process, as it comes, to those here who listen.

Of each job that runs is kept where it is, and no more: so long as nobody listens, that is all it costs.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from comfy_gen.comfyui.messages import Frame, Raw
    from comfy_gen.jobs.ids import JobId
    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.records import Finish
    from comfy_gen.workflows.graph import Workflow


@dataclass(slots=True)
class Running:
    """A job that runs here, as it was when it was claimed, and where its engine is."""

    job: Job
    workflow: Workflow = field(repr=False)
    has_started: bool = False
    """Whether the engine has begun this attempt."""
    node: str | None = None
    """The node that it is at."""

    def note(self, frame: Frame) -> None:
        """Take in where the engine is."""
        if isinstance(frame, bytes):
            return
        kind, data = frame.get("type"), frame.get("data")
        if kind == "execution_start":
            self.has_started = True
        elif kind == "executing" and isinstance(data, dict):
            self.node = cast("Raw", data).get("node")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A job was accepted here."""

    job: Job


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt at a job begins here."""

    running: Running


@dataclass(frozen=True, slots=True)
class Said:
    """An engine said something of a job."""

    running: Running
    """How it was before."""
    frame: Frame


@dataclass(frozen=True, slots=True)
class Left:
    """An attempt is over, and its job is not: it waits again, or others have it."""

    running: Running


@dataclass(frozen=True, slots=True)
class Over:
    """A job has ended, and the store has it so."""

    running: Running
    finish: Finish


Passed = Accepted | Begun | Said | Left | Over


class Relay:
    """What passes on. Lives on one loop; those who listen are called at once, in the order in which things happen."""

    def __init__(self) -> None:
        self._running: dict[JobId, Running] = {}
        self._listeners: list[Callable[[Passed], object]] = []

    @property
    def running(self) -> Mapping[JobId, Running]:
        """The jobs that run here."""
        return self._running

    def listen(self, listener: Callable[[Passed], object]) -> None:
        """Have somebody hear what happens from here on; once, however often this is said."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def ignore(self, listener: Callable[[Passed], object]) -> None:
        """Have somebody hear no more."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def accept(self, jobs: Iterable[Job]) -> None:
        """Take in that jobs were accepted."""
        if self._listeners:
            for job in jobs:
                self._tell(Accepted(job))

    @contextmanager
    def following(self, job: Job, workflow: Workflow) -> Generator[None]:
        """Have an attempt at a job run here in this block."""
        running = self._running[job.job_id] = Running(job, workflow)
        self._tell(Begun(running))
        try:
            yield
        finally:
            if self._running.get(job.job_id) is running:
                del self._running[job.job_id]
                self._tell(Left(running))

    def say(self, job_id: JobId, frame: Frame) -> None:
        """Take in what an engine said of a job that runs here."""
        running = self._running.get(job_id)
        if running is None:
            return
        if self._listeners:
            self._tell(Said(running, frame))
        running.note(frame)

    def end(self, job_id: JobId, finish: Finish) -> None:
        """Take in that a job has ended that ran here."""
        running = self._running.pop(job_id, None)
        if running is not None:
            self._tell(Over(running, finish))

    def _tell(self, passed: Passed) -> None:
        for listener in self._listeners:
            listener(passed)
