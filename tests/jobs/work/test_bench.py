import asyncio

import pytest

from comfy_gen.errors import DatabaseUnavailableError, JobNotFoundError
from comfy_gen.jobs.extra_data import SealedExtra
from comfy_gen.jobs.work import bench as module
from comfy_gen.jobs.work.bench import Bench, WorkerOptions


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.setattr(module, "DATABASE_DELAYS", (0.0,))
    nothing = object()
    return Bench(
        store=nothing,
        fleet=nothing,
        artifacts=nothing,
        requested=nothing,
        sealed_extra=SealedExtra("secret"),
        cache=nothing,
        worker="w",
        options=WorkerOptions(),
        clock=iter(range(100)).__next__,
    )


async def test_database_that_is_away_is_waited_for_with_a_fresh_time_each_try(bench):
    times = []

    async def write(now):
        times.append(now)
        if len(times) < 3:
            raise DatabaseUnavailableError("sqlite:///x", "the disk is full")
        return "written"

    assert await bench.persist(write) == "written"
    assert times == [0, 1, 2]


async def test_only_the_absence_of_the_database_is_waited_for(bench):
    async def write(now):
        raise JobNotFoundError("x")

    with pytest.raises(JobNotFoundError):
        await bench.persist(write)


async def test_waiting_for_the_database_can_be_cancelled(bench):
    tried = asyncio.Event()

    async def write(now):
        tried.set()
        raise DatabaseUnavailableError("sqlite:///x", "the disk is full")

    task = asyncio.create_task(bench.persist(write))
    await tried.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
