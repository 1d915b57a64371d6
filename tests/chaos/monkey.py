"""Carries out mischief, and puts right again what it did."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from comfy_gen.errors import DatabaseUnavailableError, JobStateError
from comfy_gen.jobs.records import Selection
from tests.chaos.mischief import Trick
from tests.chaos.submitter import read_log
from tests.chaos.troubles import Spell

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from comfy_gen.app import JobQueue
    from tests.chaos.disk import Disk
    from tests.chaos.fleet import EngineProcess
    from tests.chaos.mischief import Mischief
    from tests.chaos.processes import Process
    from tests.chaos.troubles import Trouble


class Submitter(Protocol):
    """Hands in a share of the orders, and writes down what was accepted."""

    @property
    def status(self) -> int | None:
        """None while it works; 0 once it has handed in everything."""
        ...

    @property
    def cries(self) -> Sequence[str]:
        """What it said that only a bug makes it say."""
        ...

    def start(self) -> None:
        """Begin, or go on."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


@dataclass(frozen=True, slots=True)
class Playground:
    """All that the monkey lays its hands on."""

    engines: Sequence[EngineProcess]
    workers: Sequence[Process]
    submitters: Sequence[Submitter]
    disk: Disk
    queue: JobQueue
    logs: Sequence[Path]
    """The submitters'."""
    troubles: Mapping[str, Trouble] = field(default_factory=dict[str, "Trouble"])
    """How the parts around the queue may fail, by name."""


_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which a worker did nothing."""

    worker: int
    pid: int
    """Of the process that was killed or stood still."""
    began: float
    ended: float
    is_death: bool


@dataclass(slots=True)
class Deeds:
    """What was done."""

    counts: Counter[str] = field(default_factory=Counter[str])
    absences: list[Absence] = field(default_factory=list[Absence])
    asked: set[str] = field(default_factory=set[str])
    """Jobs that were to be cancelled."""
    cancelled: set[str] = field(default_factory=set[str])
    """Those of them of which the store said that they are."""
    spells: list[Spell] = field(default_factory=list[Spell])
    """When which part was in which trouble."""


class Monkey:
    """One monkey. `play` it once."""

    def __init__(self, playground: Playground, seed: int) -> None:
        self.deeds = Deeds()
        self._ground = playground
        self._chance = random.Random(f"monkey {seed}")
        self._busy: set[tuple[str, int]] = set()
        self._tricks: Mapping[Trick, Callable[[Mischief], Awaitable[None]]] = {
            Trick.KILL_WORKER: self._kill_worker,
            Trick.FREEZE_WORKER: self._freeze_worker,
            Trick.KILL_ENGINE: self._kill_engine,
            Trick.WIPE_ENGINE: self._kill_engine,
            Trick.FREEZE_ENGINE: self._freeze_engine,
            Trick.HANG_ENGINE: self._hang_engine,
            Trick.TROUBLE_ENGINE: self._trouble_engine,
            Trick.FILL_DISK: self._fill_disk,
            Trick.CANCEL: self._cancel,
            Trick.KILL_SUBMITTER: self._kill_submitter,
            Trick.TROUBLE_PART: self._trouble_part,
        }

    def is_at(self, place: str, number: int) -> bool:
        """Tell whether it has its hands on something right now."""
        return (place, number) in self._busy

    async def play(self, mischiefs: Sequence[Mischief]) -> None:
        """Do all of it, each thing in its time; then everything is whole again."""
        async with asyncio.TaskGroup() as group:
            for mischief in mischiefs:
                group.create_task(self._do(mischief))

    async def _do(self, mischief: Mischief) -> None:
        await asyncio.sleep(mischief.at)
        place = mischief.part or _PLACES.get(mischief.trick, "engine"), 0 if mischief.part else mischief.target
        while place in self._busy:  # one thing at a time
            if not mischief.part:
                return
            await asyncio.sleep(_PAUSE)  # a server took its time to start again
        self._busy.add(place)
        try:
            await self._tricks[mischief.trick](mischief)
        finally:
            self._busy.discard(place)
        self.deeds.counts[_named(mischief)] += 1

    async def _kill_worker(self, mischief: Mischief) -> None:
        worker = self._ground.workers[mischief.target]
        worker.kill()
        pid, began = worker.pids[-1], time.time()
        try:
            await asyncio.sleep(mischief.seconds)
        finally:
            worker.start()
            self.deeds.absences.append(Absence(mischief.target, pid, began, time.time(), is_death=True))

    async def _freeze_worker(self, mischief: Mischief) -> None:
        worker, began = self._ground.workers[mischief.target], time.time()
        pid = worker.pids[-1]
        await _freeze(worker, mischief.seconds)
        self.deeds.absences.append(Absence(mischief.target, pid, began, time.time(), is_death=False))

    async def _kill_engine(self, mischief: Mischief) -> None:
        engine = self._ground.engines[mischief.target]
        engine.kill()
        if mischief.trick is Trick.WIPE_ENGINE:
            engine.wipe()
        try:
            await asyncio.sleep(mischief.seconds)
        finally:
            engine.start()

    async def _freeze_engine(self, mischief: Mischief) -> None:
        await _freeze(self._ground.engines[mischief.target], mischief.seconds)

    async def _hang_engine(self, mischief: Mischief) -> None:
        """Have a prompt hang that no interrupt ends, and restart the engine later, as its owner would."""
        engine = self._ground.engines[mischief.target]
        await engine.add_fault({"kind": "hang", "step": 1})
        try:
            await asyncio.sleep(mischief.seconds)
        finally:
            engine.kill()
            engine.start()

    async def _trouble_engine(self, mischief: Mischief) -> None:
        await self._ground.engines[mischief.target].add_fault(dict(mischief.fault or {}))

    async def _fill_disk(self, mischief: Mischief) -> None:
        await asyncio.to_thread(self._ground.disk.fill)
        try:
            await asyncio.sleep(mischief.seconds)
        finally:
            self._ground.disk.free()

    async def _cancel(self, mischief: Mischief) -> None:
        known = [entry["job_id"] for path in self._ground.logs for entry in read_log(path) if "job_id" in entry]
        chosen = self._chance.sample(known, min(mischief.target, len(known)))
        if not chosen:
            return
        self.deeds.asked.update(chosen)
        try:
            changed = await self._ground.queue.store.cancel(Selection(job_ids=chosen), now=time.time())
        except (DatabaseUnavailableError, JobStateError):
            return  # the disk is full, and nobody tries again; or the only one has ended
        self.deeds.cancelled.update(job.job_id for job in changed if job.state.is_end)

    async def _kill_submitter(self, mischief: Mischief) -> None:
        submitter = self._ground.submitters[mischief.target]
        submitter.kill()
        try:
            await asyncio.sleep(mischief.seconds)
        finally:
            submitter.start()

    async def _trouble_part(self, mischief: Mischief) -> None:
        trouble, began = self._ground.troubles[mischief.trouble], time.time()
        await trouble.begin()
        try:
            await asyncio.sleep(mischief.seconds)
        finally:
            await trouble.end()
            self.deeds.spells.append(Spell(mischief.trouble, began, time.time()))


def _named(mischief: Mischief) -> str:
    if mischief.fault:
        return f"{mischief.trick}: {mischief.fault['kind']}"
    return mischief.trouble or mischief.trick


_PLACES: Mapping[Trick, str] = {
    Trick.KILL_WORKER: "worker",
    Trick.FREEZE_WORKER: "worker",
    Trick.KILL_SUBMITTER: "submitter",
    Trick.FILL_DISK: "disk",
    Trick.CANCEL: "jobs",
}


async def _freeze(process: Process, seconds: float) -> None:
    process.freeze()
    try:
        await asyncio.sleep(seconds)
    finally:
        process.thaw()
