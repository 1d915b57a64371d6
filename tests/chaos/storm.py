"""A storm from beginning to end: processes start, the monkey plays, all becomes quiet, and what is left is read."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from comfy_gen.app import open_queue
from comfy_gen.config import JobOptions, Settings
from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.job import ENDS
from tests.chaos.checker import check, check_take_overs
from tests.chaos.disk import PretendedDisk, SmallDisk
from tests.chaos.evidence import Evidence, read_records
from tests.chaos.figures import measure
from tests.chaos.fleet import EngineProcess, wait_until_ready
from tests.chaos.mischief import Field, plan
from tests.chaos.monkey import Monkey, Playground
from tests.chaos.processes import Process
from tests.chaos.sink import SECRET, Sink
from tests.chaos.submitter import Task, read_log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from tests.chaos.checker import Violation
    from tests.chaos.disk import Disk
    from tests.chaos.figures import Figures
    from tests.chaos.mischief import Mischief
    from tests.chaos.monkey import Deeds
    from tests.chaos.orders import Order
    from tests.chaos.surroundings import Scene, Surroundings


_PAUSE = 0.25
_READY = 60.0
"""Seconds in which all must have started."""


@dataclass(frozen=True, slots=True)
class StormOptions:
    """What a storm is like; times in seconds."""

    seed: int
    jobs: int = 1000
    engines: int = 8
    workers: int = 1
    submitters: int = 2
    submitting: float = 45.0
    """How long the submitters spread their batches over."""
    playing: float = 60.0
    """How long the monkey plays."""
    every: float = 1.0
    """How often it does something, on average."""
    step_time: float = 0.08
    quiet: float = 240.0
    """After the monkey is done: by then all jobs must have ended and all webhooks be delivered."""
    can_mount: bool = False
    """Whether this process has mounts of its own, so that a disk can really run full."""
    refusals: float = 0.05
    """The share of webhooks that are turned away at first."""
    begins_at_work: bool = False
    """Whether the monkey waits until the first job has ended, so that all its troubles meet a service at work."""

    @classmethod
    def of(cls, scene: Scene, *, seed: int, can_mount: bool, jobs: int | None = None) -> Self:
        """Return a scene's storm; with another number of jobs, if one is given."""
        return cls(
            seed=seed,
            jobs=jobs or scene.jobs,
            engines=scene.engines,
            workers=scene.workers,
            submitters=scene.submitters,
            submitting=scene.submitting,
            playing=scene.playing,
            every=scene.every,
            can_mount=can_mount,
            refusals=scene.refusals,
            begins_at_work=True,
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What a storm left."""

    options: StormOptions
    deeds: Deeds
    figures: Figures
    violations: Sequence[Violation]
    quiet_after: float
    """Seconds from the monkey's last deed to the end of the last job."""
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the scene saw besides."""


async def storm(
    options: StormOptions, folder: Path, around: Surroundings, mischiefs: Sequence[Mischief] | None = None
) -> Report:
    """Run one; with ``mischiefs`` in the place of those that the seed gives."""
    async with AsyncExitStack() as stack:
        weather = await _gather(options, folder, around, stack)
        return await weather.blow(mischiefs)


class _Storm:
    def __init__(
        self, options: StormOptions, around: Surroundings, ground: Playground, sink: Sink, orders: Sequence[Order]
    ) -> None:
        self._options = options
        self._around = around
        self._ground = ground
        self._sink = sink
        self._orders = orders
        self._monkey = Monkey(ground, options.seed)

    async def blow(self, mischiefs: Sequence[Mischief] | None) -> Report:
        options, ground, around = self._options, self._ground, self._around
        if mischiefs is None:
            mischiefs = plan(options.seed, self._field(), seconds=options.playing, every=options.every)
        if options.begins_at_work:
            await self._until(self._works, time.monotonic() + _READY)
        keeping = asyncio.create_task(_keep(ground.workers, self._monkey))
        began = time.monotonic()
        await self._monkey.play(mischiefs)
        calm = time.monotonic()
        for engine in ground.engines:
            await engine.clear_faults()
        ended = await self._become_quiet()
        keeping.cancel()
        for worker in ground.workers:
            await asyncio.to_thread(worker.stop)
        evidence = await self._read()
        finding = await around.look(evidence)
        deeds = self._monkey.deeds
        figures = measure(evidence, deeds.absences, deeds.spells, seconds=ended - began)
        late = check_take_overs(figures.take_over_seconds) if around.database else []
        violations = [*check(evidence), *late, *finding.violations]
        return Report(options, deeds, figures, violations, max(ended - calm, 0.0), finding.facts)

    def _field(self) -> Field:
        options, around = self._options, self._around
        return Field(
            options.engines,
            options.workers,
            options.submitters,
            has_takeover=bool(around.database) and options.workers > 1,
            tricks=around.tricks,
            troubles=tuple(around.troubles),
        )

    async def _become_quiet(self) -> float:
        """Wait until there is nothing to wait for, and return when the last job ended.

        What is not as it should be by then, the checker says.
        """
        deadline = time.monotonic() + self._options.quiet
        await self._until(self._is_handed_in, deadline)
        await self._until(self._has_ended, deadline)
        ended = time.monotonic()
        for is_so in (self._is_told, self._has_nothing_left, self._is_done):
            await self._until(is_so, deadline)
        return ended

    async def _until(self, is_so: Callable[[], Awaitable[bool]], deadline: float) -> None:
        while not await is_so() and time.monotonic() < deadline:
            await self._around.hurry(self._ground.queue)
            await asyncio.sleep(_PAUSE)

    async def _is_handed_in(self) -> bool:
        for submitter in self._ground.submitters:
            if submitter.status not in {None, 0}:
                submitter.start()
        return all(submitter.status == 0 for submitter in self._ground.submitters)

    async def _has_ended(self) -> bool:
        try:
            counts = await self._ground.queue.store.count()
        except DatabaseUnavailableError:
            return False
        return all(state in ENDS or not count for state, count in counts.items())

    async def _works(self) -> bool:
        counts = await self._ground.queue.store.count()
        return any(count for state, count in counts.items() if state in ENDS)

    async def _is_told(self) -> bool:
        records = await read_records(self._ground.queue, {})
        return all(one.is_done or one.next_at is None for record in records.values() for one in record.deliveries)

    async def _is_done(self) -> bool:
        return await self._around.is_done(self._ground.queue)

    async def _has_nothing_left(self) -> bool:
        return not any((await self._queues()).values())

    async def _queues(self) -> Mapping[str, Sequence[str] | None]:
        return {engine.name: await engine.queue() for engine in self._ground.engines}

    async def _read(self) -> Evidence:
        entries = [entry for path in self._ground.logs for entry in read_log(path)]
        given: dict[str, set[str]] = {}
        for entry in entries:
            if "job_id" in entry:
                given.setdefault(entry["key"], set()).add(entry["job_id"])
        data = self._ground.queue.settings.jobs.data_dir
        return Evidence(
            orders=self._orders,
            acknowledged={key: frozenset(ids) for key, ids in given.items()},
            records=await read_records(self._ground.queue, self._sink.told),
            asked=frozenset(self._monkey.deeds.asked),
            cancelled=frozenset(self._monkey.deeds.cancelled),
            files=await asyncio.to_thread(self._around.stored, data),
            queues=await self._queues(),
            cries=[cry for process in (*self._ground.workers, *self._ground.submitters) for cry in process.cries],
            refused=frozenset(entry["key"] for entry in entries if "refused" in entry),
            deaf_to=self._around.deaf_to,
        )


async def _keep(workers: Sequence[Process], monkey: Monkey) -> None:
    """Start workers again that ended by themselves, as whoever runs a service does."""
    while True:
        await asyncio.sleep(_PAUSE)
        for number, worker in enumerate(workers):
            if not (worker.is_running or monkey.is_at("worker", number)):
                monkey.deeds.counts["(a worker ended by itself)"] += 1
                worker.start()


async def _gather(options: StormOptions, folder: Path, around: Surroundings, stack: AsyncExitStack) -> _Storm:
    """Start all that takes part."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    mounted = SmallDisk(data, megabytes=192) if options.can_mount else None
    sink = await stack.enter_async_context(Sink(options.seed, refusals=options.refusals, deaf_to=around.deaf_to))
    engines = [
        stack.enter_context(EngineProcess(number, folder=folder, step_time=options.step_time))
        for number in range(options.engines)
    ]
    await wait_until_ready(engines)
    settings = Settings(jobs=JobOptions(data_dir=data, database=around.database))
    queue = await stack.enter_async_context(open_queue(settings))  # makes the tables, too
    roads = await _roads(engines, around, stack)
    environment = {**_environment(around, data, roads), **around.environment}
    workers = [
        stack.enter_context(Process(f"worker-{number}", around.worker, folder=folder, environment=own))
        for number, own in enumerate(_of_each(environment, around, options.workers))
    ]
    tasks = _tasks(options, folder, pictures=sink.url, webhook=await _webhook_of(sink, around, stack))
    submitters = [stack.enter_context(one) for one in (around.submitters or _submitters_of(folder, environment))(tasks)]
    disk: Disk = mounted or PretendedDisk(workers)
    stack.callback(disk.free)
    ground = Playground(engines, workers, submitters, disk, queue, [task.log for task in tasks], around.troubles)
    orders = [order for task in tasks for order in task.orders]
    return _Storm(options, around, ground, sink, orders)


async def _roads(engines: Sequence[EngineProcess], around: Surroundings, stack: AsyncExitStack) -> list[str]:
    """Return by which address workers reach each engine."""
    if not around.wires:
        return [engine.url for engine in engines]
    for wire, engine in zip(around.wires, engines, strict=True):
        wire.lead_to(int(engine.url.rpartition(":")[2]))
        await stack.enter_async_context(wire)
    return [f"http://127.0.0.1:{wire.port}" for wire in around.wires]


def _of_each(environment: Mapping[str, str], around: Surroundings, workers: int) -> Sequence[Mapping[str, str]]:
    return [{**environment, **(around.of_first if number == 0 else {})} for number in range(workers)]


def _submitters_of(folder: Path, environment: Mapping[str, str]) -> Callable[[Sequence[Task]], Sequence[Process]]:
    def make(tasks: Sequence[Task]) -> Sequence[Process]:
        command = ["-m", "tests.chaos.submitter"]
        return [
            Process(f"submitter-{task.part}", [*command, *task.as_arguments()], folder=folder, environment=environment)
            for task in tasks
        ]

    return make


async def _webhook_of(sink: Sink, around: Surroundings, stack: AsyncExitStack) -> str:
    """Return where jobs are told of."""
    if around.receiver is None:
        return sink.webhook
    around.receiver.lead_to(int(sink.url.rpartition(":")[2]))
    wire = await stack.enter_async_context(around.receiver)
    return sink.webhook.replace(sink.url, f"http://127.0.0.1:{wire.port}")


def _tasks(options: StormOptions, folder: Path, *, pictures: str, webhook: str) -> list[Task]:
    return [
        Task(
            log=folder / f"accepted-{part}.jsonl",
            seed=options.seed,
            count=options.jobs,
            part=part,
            parts=options.submitters,
            webhook=webhook,
            pictures=pictures,
            seconds=options.submitting,
        )
        for part in range(options.submitters)
    ]


def _environment(around: Surroundings, data: Path, roads: Sequence[str]) -> dict[str, str]:
    return {
        **os.environ,
        "COMFYGEN_JOBS_DATA_DIR": str(data),
        "COMFYGEN_JOBS_DATABASE": around.database,
        "COMFYGEN_ENGINES": " ".join(f"engine-{number}={road}" for number, road in enumerate(roads)),
        # A storm fails a job more often than any installation should bear; the quarantine has tests of its own.
        "COMFYGEN_JOBS_MAX_ATTEMPTS": "100",
        "COMFYGEN_JOBS_ALLOW_PRIVATE_URLS": "true",
        "COMFYGEN_FLEET_STUCK_AFTER": "6",
        "COMFYGEN_QUALITY_MODEL": "none",  # pictures are looked at without one, and made again for what is seen so
        "COMFYGEN_LOGGING_LEVEL": "INFO",
        "WEBHOOK_SECRET": SECRET,
    }
