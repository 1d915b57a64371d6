"""The stores that the contract suite of jobs runs on, and what the tests put into them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.jobs.database import Database
from comfy_gen.jobs.job import Job, JobFailure, JobId, JobRequest, JobState
from comfy_gen.jobs.outbox import Outbox
from comfy_gen.jobs.records import Finish
from comfy_gen.jobs.store import JobStore
from comfy_gen.pipeline.artifact import Artifact, artifact_id

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

WORKER = "worker-1"
DONE = Finish(JobState.COMPLETED)
FAILURE = JobFailure("gpu_error", "the GPU fell off the bus", "put it back", {"node_id": "3"})


@dataclass
class Dispatcher:
    """Writes down what it is told."""

    enqueued: list[tuple[JobId, float]] = field(default_factory=list)
    reordered: list[tuple[JobId, float]] = field(default_factory=list)
    withdrawn: list[JobId] = field(default_factory=list)

    def enqueue(self, connection: Connection, jobs: Sequence[tuple[JobId, float]]) -> None:
        assert connection.in_transaction()
        self.enqueued += jobs

    def reorder(self, connection: Connection, jobs: Sequence[tuple[JobId, float]]) -> None:
        assert connection.in_transaction()
        self.reordered += jobs

    def withdraw(self, connection: Connection, job_ids: Sequence[JobId]) -> None:
        assert connection.in_transaction()
        self.withdrawn += job_ids

    async def feed(self, hand: Any) -> None:
        raise NotImplementedError


@dataclass
class Signals:
    """Writes down the topics: those sent with a transaction, and those told after its commit."""

    sent: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def send(self, connection: Connection, topic: str) -> None:
        assert connection.in_transaction()
        self.sent.append(topic)

    def published(self, topic: str) -> None:
        self.told.append(topic)

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncGenerator[Any]:
        yield topics

    async def close(self) -> None:
        pass


@dataclass
class Desk:
    """A store with what is around it, and a clock that the test sets."""

    url: str
    database: Database
    store: JobStore
    dispatcher: Dispatcher
    signals: Signals
    now: float = 1000.0

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.store.transactions)

    async def accept(self, **facts: Any) -> Job:
        """Accept a job."""
        return (await self.store.accept(request(**facts), now=self.now)).job

    async def accept_many(self, count: int, **facts: Any) -> list[JobId]:
        """Accept several jobs at once; return their ids."""
        accepted = await self.store.accept_all([request(**facts) for _ in range(count)], now=self.now)
        return [one.job.job_id for one in accepted]

    async def claim(self, job_id: JobId, worker: str = WORKER, engine: str = "gpu-1") -> int:
        """Claim a job for an engine; return the number of the attempt."""
        prompt_id = f"prompt-of-{job_id}"
        claimed = await self.store.claim(job_id, worker=worker, engine=engine, prompt_id=prompt_id, now=self.now)
        assert claimed is not None
        return claimed.attempt

    async def bring(self, state: JobState, **facts: Any) -> Job:
        """Accept a job and bring it to a state on the way that jobs take."""
        job = await self.accept(**facts)
        if state != JobState.QUEUED:
            await self._work(job.job_id, state)
        return await self.store.get(job.job_id)

    async def _work(self, job_id: JobId, state: JobState) -> None:
        attempt = await self.claim(job_id)
        if state in {JobState.FAILED, JobState.CANCELLED}:
            await self.store.finish(job_id, attempt, Finish(state), now=self.now)
        if state in {JobState.FAILED, JobState.CANCELLED, JobState.PREPROCESSING}:
            return
        await self.store.advance(job_id, attempt, JobState.GENERATING, now=self.now)
        if state == JobState.GENERATING:
            return
        await self.store.advance(job_id, attempt, JobState.POSTPROCESSING, now=self.now)
        if state != JobState.POSTPROCESSING:
            await self.store.finish(job_id, attempt, Finish(state), now=self.now)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that nobody has opened yet: the test runs on each kind."""
    return _url(request, tmp_path, "postgres_url")


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without jobs, for tests that only use a store."""
    return _url(request, tmp_path, "shared_postgres_url")


@pytest.fixture
async def desk(store_url: str) -> AsyncIterator[Desk]:
    """A store on that database."""
    async with open_desk(store_url) as opened:
        yield opened


def _url(request: pytest.FixtureRequest, folder: Path, on_postgres: str) -> str:
    if request.param == "postgresql":
        return request.getfixturevalue(on_postgres)
    return f"sqlite:///{folder}/jobs/comfygen.db"


@asynccontextmanager
async def open_desk(url: str, **options: Any) -> AsyncGenerator[Desk]:
    """Open a store as another process would."""
    async with await Database.open(url) as database:
        dispatcher, signals = Dispatcher(), Signals()
        yield Desk(url, database, JobStore(database, dispatcher, signals, **options), dispatcher, signals)


def workflow(seed: int = 0, *, size: int = 16) -> dict[str, Any]:
    """Return a small graph."""
    inputs = {"width": size, "height": size, "batch_size": 1, "color": seed}
    return {
        "1": {"class_type": "EmptyImage", "inputs": inputs},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "test"}},
    }


def request(*, seed: int = 0, **facts: Any) -> JobRequest:
    """Return a request."""
    return JobRequest(**{"workflow": workflow(seed), **facts})


def artifact(job_id: JobId, index: int = 0, **facts: Any) -> Artifact:
    """Return an artifact of a job."""
    plain = {
        "artifact_id": artifact_id(job_id, "2", "image", index),
        "job_id": job_id,
        "node_id": "2",
        "kind": "image",
        "filename": f"test_{index}.png",
        "media_type": "image/png",
        "size": 5_000_000_000,
        "sha256": "0" * 64,
        "width": 16,
        "height": 16,
        "key": f"{job_id}/test_{index}.png",
        "thumbnail_key": None,
    }
    return Artifact(**{**plain, **facts})
