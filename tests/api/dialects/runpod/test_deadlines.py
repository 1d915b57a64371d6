"""Jobs that take longer than their requests allow."""

from __future__ import annotations

import asyncio
import time

import pytest
import pytest_asyncio

from comfy_gen.api.dialects.runpod.deadlines import BOUNDED, Deadlines
from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.records import Selection
from comfy_gen.jobs.request import JobRequest
from tests.api.dialects.runpod.graphs import plain

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOUNDS = {"runpod": {"ttl": 60_000}, BOUNDED: "yes"}


@pytest_asyncio.fixture(loop_scope="module")
async def queue(desk):
    """A queue in which nothing begins."""
    await desk.service.queue.store.set_paused(is_wanted=True)
    yield desk.service.queue
    await desk.service.queue.store.set_paused(is_wanted=False)


async def submitted(queue, metadata):
    (accepted,) = await queue.submit([JobRequest(plain(), metadata=metadata)])
    return accepted.job


async def test_only_what_is_overdue_is_cancelled(queue):
    bounded, other = await submitted(queue, BOUNDS), await submitted(queue, {"runpod": {"ttl": 1}})
    deadlines = Deadlines(queue.store)
    assert await deadlines.look(now=bounded.created + 59)
    assert await queue.store.state(bounded.job_id) == "queued"
    assert await deadlines.look(now=bounded.created + 60)
    assert [await queue.store.state(one.job_id) for one in (bounded, other)] == ["cancelled", "queued"]
    assert not await deadlines.look(now=bounded.created + 61), "there is none any more"


async def test_deadlines_from_before_the_service_was_started_are_kept(queue):
    job = await submitted(queue, {**BOUNDS, "runpod": {"ttl": 1}})
    async with Deadlines(queue.store, every=0.01).kept():
        while await queue.store.state(job.job_id) == "queued":
            await asyncio.sleep(0)


async def test_deadline_is_kept_once_somebody_says_that_there_is_one(queue):
    deadlines = Deadlines(queue.store, every=0.01)
    async with deadlines.kept():
        while deadlines._may_be_there.is_set():
            await asyncio.sleep(0)
        job = await submitted(queue, {**BOUNDS, "runpod": {"ttl": 1}})
        deadlines.note()
        while await queue.store.state(job.job_id) == "queued":
            await asyncio.sleep(0)


class Away:
    """A store whose database is away at first."""

    def __init__(self, store):
        self._store = store
        self.asked = 0

    async def list(self, *args):
        self.asked += 1
        if self.asked == 1:
            raise DatabaseUnavailableError("jobs.db", "it is away")
        return await self._store.list(*args)

    async def cancel(self, selection, *, now):
        return await self._store.cancel(selection, now=now)


async def test_database_that_is_away_is_asked_again(queue):
    job = await submitted(queue, {**BOUNDS, "runpod": {"ttl": 1}})
    away = Away(queue.store)
    async with Deadlines(away, every=0.01).kept():  # pyright: ignore[reportArgumentType]  # it has what is asked
        while await queue.store.state(job.job_id) == "queued":
            await asyncio.sleep(0)
    assert away.asked > 1


async def test_job_that_ended_meanwhile_stays_as_it_is(queue):
    job = await submitted(queue, BOUNDS)
    await queue.store.cancel(Selection([job.job_id]), now=time.time())
    await Deadlines(queue.store)._cancel(job)
    assert await queue.store.state(job.job_id) == "cancelled"
