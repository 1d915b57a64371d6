"""A storm from beginning to end: processes start, the monkey plays, all becomes quiet, and what is left is read."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfy_gen.app import open_queue
from comfy_gen.config import JobOptions, Settings
from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.job import ENDS
from tests.chaos.checker import check, check_take_overs
from tests.chaos.disk import PretendedDisk, SmallDisk
from tests.chaos.evidence import Evidence, digests, read_records
from tests.chaos.figures import measure
from tests.chaos.fleet import EngineProcess, wait_until_ready
from tests.chaos.mischief import Field, plan
from tests.chaos.monkey import Monkey, Playground
from tests.chaos.processes import Process
from tests.chaos.sink import Sink
from tests.chaos.submitter import Task, read_log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.chaos.checker import Violation
    from tests.chaos.disk import Disk
    from tests.chaos.figures import Figures
    from tests.chaos.mischief import Mischief
    from tests.chaos.monkey import Deeds
    from tests.chaos.orders import Order


_PAUSE = 0.25


@dataclass(frozen=True, slots=True)
class StormOptions:
    """What a storm is like; times in seconds."""

    seed: int
    database: str = ""
    """PostgreSQL's address; empty: SQLite in the folder."""
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
    quiet: float = 80.0
    """After the monkey is done: by then all jobs must have ended and all webhooks be delivered."""
    can_mount: bool = False
    """Whether this process has mounts of its own, so that a disk can really run full."""
    refusals: float = 0.05
    """The share of webhooks that are turned away at first."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a storm left."""

    options: StormOptions
    deeds: Deeds
    figures: Figures
    violations: Sequence[Violation]
    quiet_after: float
    """Seconds from the monkey's last deed to the end of the last job."""


async def storm(options: StormOptions, folder: Path, mischiefs: Sequence[Mischief] | None = None) -> Report:
    """Run one; with ``mischiefs`` in the place of those that the seed gives."""
    async with AsyncExitStack() as stack:
        weather = await _gather(options, folder, stack)
        return await weather.blow(mischiefs)


class _Storm:
    def __init__(self, options: StormOptions, ground: Playground, sink: Sink, orders: Sequence[Order]) -> None:
        self._options = options
        self._ground = ground
        self._sink = sink
        self._orders = orders
        self._monkey = Monkey(ground, options.seed)

    async def blow(self, mischiefs: Sequence[Mischief] | None) -> Report:
        options, ground = self._options, self._ground
        field = Field(options.engines, options.workers, options.submitters, has_takeover=bool(options.database))
        if mischiefs is None:
            mischiefs = plan(options.seed, field, seconds=options.playing, every=options.every)
        keeping = asyncio.create_task(_keep(ground.workers, self._monkey))
        await self._monkey.play(mischiefs)
        calm = time.time()
        for engine in ground.engines:
            await engine.clear_faults()
        await self._become_quiet()
        keeping.cancel()
        for worker in ground.workers:
            await asyncio.to_thread(worker.stop)
        evidence = await self._read()
        figures = measure(evidence, self._monkey.deeds.absences)
        ended = max((record.job.ended or 0.0 for record in evidence.records.values()), default=0.0)
        late = check_take_overs(figures.take_over_seconds) if options.database else []
        return Report(options, self._monkey.deeds, figures, [*check(evidence), *late], max(ended - calm, 0.0))

    async def _become_quiet(self) -> None:
        """Wait until there is nothing to wait for; what is not as it should be by then, the checker says."""
        deadline = time.monotonic() + self._options.quiet
        for is_so in (self._is_handed_in, self._has_ended, self._is_told, self._has_nothing_left):
            while not await is_so() and time.monotonic() < deadline:
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

    async def _is_told(self) -> bool:
        records = await read_records(self._ground.queue, {})
        return all(one.is_done for record in records.values() for one in record.deliveries)

    async def _has_nothing_left(self) -> bool:
        return not any((await self._queues()).values())

    async def _queues(self) -> Mapping[str, Sequence[str] | None]:
        return {engine.name: await engine.queue() for engine in self._ground.engines}

    async def _read(self) -> Evidence:
        given: dict[str, set[str]] = {}
        for entry in (entry for path in self._ground.logs for entry in read_log(path)):
            given.setdefault(entry["key"], set()).add(entry["job_id"])
        folder = self._ground.queue.settings.jobs.data_dir / "artifacts"
        return Evidence(
            orders=self._orders,
            acknowledged={key: frozenset(ids) for key, ids in given.items()},
            records=await read_records(self._ground.queue, self._sink.told),
            asked=frozenset(self._monkey.deeds.asked),
            cancelled=frozenset(self._monkey.deeds.cancelled),
            files=await asyncio.to_thread(digests, folder),
            queues=await self._queues(),
            cries=[cry for process in (*self._ground.workers, *self._ground.submitters) for cry in process.cries],
        )


async def _keep(workers: Sequence[Process], monkey: Monkey) -> None:
    """Start workers again that ended by themselves, as whoever runs a service does."""
    while True:
        await asyncio.sleep(_PAUSE)
        for number, worker in enumerate(workers):
            if not (worker.is_running or monkey.is_at("worker", number)):
                monkey.deeds.counts["(a worker ended by itself)"] += 1
                worker.start()


async def _gather(options: StormOptions, folder: Path, stack: AsyncExitStack) -> _Storm:
    """Start all that takes part."""
    data = folder / "data"
    data.mkdir()
    mounted = SmallDisk(data, megabytes=192) if options.can_mount else None
    sink = await stack.enter_async_context(Sink(options.seed, refusals=options.refusals))
    engines = [
        stack.enter_context(EngineProcess(number, folder=folder, step_time=options.step_time))
        for number in range(options.engines)
    ]
    await wait_until_ready(engines)
    settings = Settings(jobs=JobOptions(data_dir=data, database=options.database))
    queue = await stack.enter_async_context(open_queue(settings))  # makes the tables, too
    environment = _environment(options, data, engines)
    workers = [
        stack.enter_context(Process(f"worker-{number}", _WORKER, folder=folder, environment=environment))
        for number in range(options.workers)
    ]
    tasks = _tasks(options, folder, sink)
    submitters = [
        stack.enter_context(
            Process(
                f"submitter-{task.part}",
                ["-m", "tests.chaos.submitter", *task.as_arguments()],
                folder=folder,
                environment=environment,
            )
        )
        for task in tasks
    ]
    disk: Disk = mounted or PretendedDisk(workers)
    stack.callback(disk.free)
    ground = Playground(engines, workers, submitters, disk, queue, [task.log for task in tasks])
    orders = [order for task in tasks for order in task.orders]
    return _Storm(options, ground, sink, orders)


_WORKER = ("-m", "comfy_gen", "worker")


def _tasks(options: StormOptions, folder: Path, sink: Sink) -> list[Task]:
    return [
        Task(
            log=folder / f"accepted-{part}.jsonl",
            seed=options.seed,
            count=options.jobs,
            part=part,
            parts=options.submitters,
            webhook=sink.webhook,
            seconds=options.submitting,
        )
        for part in range(options.submitters)
    ]


def _environment(options: StormOptions, data: Path, engines: Sequence[EngineProcess]) -> dict[str, str]:
    return {
        **os.environ,
        "COMFYGEN_JOBS_DATA_DIR": str(data),
        "COMFYGEN_JOBS_DATABASE": options.database,
        "COMFYGEN_ENGINES": " ".join(f"{engine.name}={engine.url}" for engine in engines),
        # A storm fails a job more often than any installation should bear; the quarantine has tests of its own.
        "COMFYGEN_JOBS_MAX_ATTEMPTS": "100",
        "COMFYGEN_JOBS_ALLOW_PRIVATE_URLS": "true",
        "COMFYGEN_FLEET_STUCK_AFTER": "6",
        "COMFYGEN_QUALITY_MODEL": "none",  # pictures are looked at without one, and made again for what is seen so
        "COMFYGEN_LOGGING_LEVEL": "INFO",
    }
