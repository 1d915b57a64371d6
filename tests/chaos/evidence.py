"""What is found when the storm is over: in the store, on the disk, at the sink and on the engines."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comfy_gen.jobs.records import JobFilter

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence
    from pathlib import Path

    from comfy_gen.app import JobQueue
    from comfy_gen.jobs.job import Artifact, Attempt, Event, Job
    from comfy_gen.jobs.records import Delivery
    from comfy_gen.validation.takes import Take
    from tests.chaos.orders import Order
    from tests.chaos.sink import Told

_AT_A_TIME = 16


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of one job."""

    job: Job
    attempts: Sequence[Attempt] = ()
    events: Sequence[Event] = ()
    artifacts: Sequence[Artifact] = ()
    """The result."""
    made: Sequence[Artifact] = ()
    """What all takes made, the result among it."""
    takes: Sequence[Take] = ()
    deliveries: Sequence[Delivery] = ()
    told: Sequence[Told] = ()
    """What the sink received."""

    @property
    def order(self) -> int:
        """The number of the order that it was accepted for."""
        return int(self.job.metadata["order"])


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the checker looks at."""

    orders: Sequence[Order]
    acknowledged: Mapping[str, frozenset[str]]
    """The ids that submitters were given, by key."""
    records: Mapping[str, Record]
    """By id: all the jobs of the store."""
    asked: frozenset[str] = frozenset()
    """Jobs that somebody wanted cancelled."""
    cancelled: frozenset[str] = frozenset()
    """Those of which the store said at once that they are."""
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """The sha256 of each stored file, by key."""
    queues: Mapping[str, Sequence[str] | None] = field(default_factory=dict[str, "Sequence[str] | None"])
    """The prompts that engines have left; None for one that did not say."""
    cries: Sequence[str] = ()
    """What workers and submitters said that only a bug makes them say."""
    refused: frozenset[str] = frozenset()
    """Keys of which submitters were told that no engine could ever do them."""
    deaf_to: Container[int] = ()
    """The orders of which the receiver of webhooks never takes one."""


async def read_records(queue: JobQueue, told: Mapping[str, Sequence[Told]]) -> dict[str, Record]:
    """Return all that the store has, with what the sink received."""
    limit = asyncio.Semaphore(_AT_A_TIME)

    async def read(job: Job) -> Record:
        async with limit:
            store, job_id = queue.store, job.job_id
            return Record(
                job=job,
                attempts=await store.attempts(job_id),
                events=await store.events(job_id),
                artifacts=await store.artifacts(job_id),
                made=await store.artifacts(job_id, every_take=True),
                takes=await store.takes(job_id),
                deliveries=await queue.outbox.deliveries(job_id),
                told=tuple(told.get(job_id, ())),
            )

    records = await asyncio.gather(*[read(job) for job in await all_jobs(queue)])
    return {record.job.job_id: record for record in records}


async def all_jobs(queue: JobQueue) -> list[Job]:
    """Return every job of the store."""
    found: list[Job] = []
    cursor: str | None = None
    while True:
        page = await queue.store.list(JobFilter(), 500, cursor)
        found.extend(page.jobs)
        cursor = page.next
        if cursor is None:
            return found


def digests(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file of an artifact store, by key; what was never whole is not counted."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    keys = {path.relative_to(folder).as_posix(): path for path in paths}
    return {key: hashlib.sha256(path.read_bytes()).hexdigest() for key, path in keys.items() if not key.startswith(".")}
