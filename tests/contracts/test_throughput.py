"""What ended when, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Finish, Selection
from comfy_gen.jobs.throughput import Bucket, Grid, throughput
from tests.contracts.job_stores import DONE, FAILURE

if TYPE_CHECKING:
    from tests.contracts.job_stores import Desk

GRID = Grid(start=2_000, step=10, count=3)


async def ended(desk: Desk, at: float, finish: Finish = DONE, *, took: float = 1.0, owner: str = "") -> None:
    desk.now = at - took
    job = await desk.bring(JobState.POSTPROCESSING, owner=owner)
    await desk.store.finish(job.job_id, job.attempt, finish, now=at)


async def test_steps_in_which_nothing_ended_are_there_too(desk: Desk):
    assert await throughput(desk.store.transactions, GRID) == [Bucket(2_000), Bucket(2_010), Bucket(2_020)]


async def test_jobs_are_counted_in_the_step_in_which_they_ended(desk: Desk):
    for at, took in [(1_999.9, 1.0), (2_000.0, 1.0), (2_009.99, 3.0), (2_020.0, 4.0)]:
        await ended(desk, at, took=took)
    assert await throughput(desk.store.transactions, GRID) == [
        Bucket(2_000, completed=2, mean_seconds=pytest.approx(2.0)),
        Bucket(2_010),
        Bucket(2_020, completed=1, mean_seconds=pytest.approx(4.0)),
    ]


async def test_failed_are_told_apart_and_cancelled_are_not_counted(desk: Desk):
    await ended(desk, 2_011.0, Finish(JobState.FAILED, failure=FAILURE))
    await ended(desk, 2_012.0, Finish(JobState.PARTIAL, failure=FAILURE))
    desk.now = 2_013.0
    waiting = await desk.accept()
    await desk.store.cancel(Selection([waiting.job_id]), now=2_014.0)
    _, bucket, _ = await throughput(desk.store.transactions, GRID)
    assert (bucket.completed, bucket.failed, bucket.mean_seconds) == (1, 1, pytest.approx(1.0))


async def test_jobs_of_one_owner_are_counted_alone(desk: Desk):
    await ended(desk, 2_001.0, owner="ada")
    await ended(desk, 2_002.0, owner="bob")
    counts = [(await throughput(desk.store.transactions, GRID, owner))[0].completed for owner in ("ada", "eve", None)]
    assert counts == [1, 0, 2]


async def test_jobs_that_ended_long_ago_are_not_read(desk: Desk):
    if desk.database.dialect != "sqlite":
        pytest.skip("PostgreSQL plans by what there is")
    query = "EXPLAIN QUERY PLAN SELECT count(*) FROM jobs WHERE ended >= 5 AND coalesce(owner, '') = 'ada'"
    plan = await desk.store.transactions.read(lambda connection: str(connection.execute(text(query)).all()))
    assert "ix_jobs_ended" in plan
