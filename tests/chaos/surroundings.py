"""What there is around the queue of a storm: servers that it uses, how they fail, and what to look at afterwards."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.chaos.evidence import digests
from tests.chaos.mischief import ALL
from tests.components import find_program

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from comfy_gen.app import JobQueue
    from tests.chaos.checker import Violation
    from tests.chaos.evidence import Evidence
    from tests.chaos.mischief import Trick
    from tests.chaos.monkey import Submitter
    from tests.chaos.submitter import Task
    from tests.chaos.troubles import Trouble
    from tests.chaos.wire import Wire


@dataclass(frozen=True, slots=True)
class Stage:
    """What a scene finds when it sets up its own."""

    folder: Path
    seed: int

    @property
    def data(self) -> Path:
        """What the service keeps."""
        return self.folder / "data"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a scene saw besides: lines for people, and promises that were broken."""

    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    violations: Sequence[Violation] = ()


async def _nothing(_evidence: Evidence) -> Finding:
    return Finding()


async def _always(_queue: JobQueue) -> bool:
    return True


async def _at_once(_queue: JobQueue) -> None:
    return


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a scene adds to a storm."""

    database: str = ""
    """PostgreSQL's address; empty: SQLite in the folder."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of workers and submitters."""
    of_first: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of the first worker alone."""
    troubles: Mapping[str, Trouble] = field(default_factory=dict[str, "Trouble"])
    tricks: Sequence[Trick] = ALL
    """What is done besides."""
    worker: Sequence[str] = ("-m", "comfy_gen", "worker")
    submitters: Callable[[Sequence[Task]], Sequence[Submitter]] | None = None
    """Makes others than processes that write into the database."""
    wires: Sequence[Wire] = ()
    """By which workers reach the engines, in their order; none: directly."""
    receiver: Wire | None = None
    """By which webhooks reach their receiver; None: directly."""
    files: Callable[[], Mapping[str, str]] | None = None
    """Returns the sha256 of each stored file by key; None: those in the folder of data."""
    deaf_to: Container[int] = ()
    """Orders of which the receiver of webhooks never takes one."""
    hurry: Callable[[JobQueue], Awaitable[None]] = _at_once
    """Called again and again while the storm becomes quiet."""
    is_done: Callable[[JobQueue], Awaitable[bool]] = _always
    """Tells whether there is nothing more to wait for, once all jobs have ended."""
    look: Callable[[Evidence], Awaitable[Finding]] = _nothing
    """Called when all is over, while the servers still run."""

    def stored(self, data: Path) -> Mapping[str, str]:
        """Return the sha256 of each stored file, by key."""
        return self.files() if self.files is not None else digests(data / "artifacts")


@dataclass(frozen=True, slots=True)
class Need:
    """A program that a scene cannot do without."""

    what: str
    install: str
    is_there: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Scene:
    """One storm of those that ``make chaos`` blows."""

    name: str
    about: str
    """What is in trouble, in a few words."""
    set_up: Callable[[Stage], AbstractAsyncContextManager[Surroundings]]
    needs: Sequence[Need] = ()
    jobs: int = 80
    engines: int = 3
    workers: int = 1
    submitters: int = 1
    submitting: float = 12.0
    playing: float = 12.0
    every: float = 1.2
    refusals: float = 0.05

    @property
    def missing(self) -> Sequence[Need]:
        """What it needs and this machine does not have."""
        return [need for need in self.needs if not need.is_there()]


def has_program(name: str, *folders: str) -> Callable[[], bool]:
    """Return what tells whether a program is on the path, in such folders, or in the environment of Python."""
    return lambda: find_program(name, *folders, f"{sys.prefix}/bin") is not None
