"""The sums over all jobs, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Finish, Selection
from comfy_gen.jobs.sql import totals
from tests.contracts.job_stores import artifact

if TYPE_CHECKING:
    from tests.contracts.job_stores import Desk


async def test_line_of_nobody_is_empty(desk: Desk):
    assert await desk.store.transactions.read(totals.waiting) == (0, None)


async def test_owners_of_the_line_are_counted_and_its_oldest_told(desk: Desk):
    for owner in ("bob", "ann", "bob"):
        await desk.accept(owner=owner)
        desk.now += 10
    await desk.bring(JobState.GENERATING, owner="carol")
    held = await desk.accept(owner="dave")
    await desk.store.hold(Selection([held.job_id]), now=desk.now)
    assert await desk.store.transactions.read(totals.waiting) == (2, 1000.0)


async def test_bytes_are_summed_up(desk: Desk):
    assert await desk.store.transactions.read(totals.stored) == (0, 0)
    job = await desk.bring(JobState.POSTPROCESSING)
    made = [artifact(job.job_id, 0), artifact(job.job_id, 1)]
    await desk.store.finish(job.job_id, job.attempt, Finish(JobState.COMPLETED, made), now=desk.now)
    assert await desk.store.transactions.read(totals.stored) == (2, 10_000_000_000)
