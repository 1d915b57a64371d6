from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from procrastinate import PsycopgConnector
from procrastinate.jobs import Status
from sqlalchemy import text

from comfy_gen.jobs.dispatch.ledger import Ledger
from comfy_gen.jobs.signals.postgres import conninfo_of
from tests.contracts.hands import OpenHand, open_desk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from tests.contracts.hands import Desk

HOUR = 3600.0


@pytest.fixture
async def desk(postgres_url: str) -> AsyncGenerator[Desk]:
    async with open_desk(postgres_url) as opened:
        yield opened


@asynccontextmanager
async def ledgers(desk: Desk, *, rest: float = 0.0) -> AsyncGenerator[tuple[Ledger, Ledger]]:
    """Open the ledgers of two registered workers."""
    connector = PsycopgConnector(conninfo=conninfo_of(desk.database.url), min_size=1, max_size=2)
    await connector.open_async()
    pair = Ledger(connector, OpenHand(), rest=rest), Ledger(connector, OpenHand(), rest=rest)
    try:
        for ledger in pair:
            await ledger.register_worker()
        yield pair
    finally:
        await connector.close_async()


async def rows(desk: Desk) -> Sequence[Any]:
    query = text("SELECT status::text, worker_id FROM procrastinate_jobs ORDER BY id")
    return await desk.database.read(lambda connection: [tuple(row) for row in connection.execute(query)])


async def fetch(ledger: Ledger):
    return await ledger.fetch_job(None, ledger._worker_id)


async def silence(desk: Desk, ledger: Ledger) -> None:
    """Have a worker's last heartbeat be long ago."""
    statement = text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour' WHERE id = :id")
    await desk.database.write(lambda connection: connection.execute(statement, {"id": ledger._worker_id}).close())


async def test_job_of_a_silent_worker_waits_again(desk: Desk):
    await desk.accept()
    async with ledgers(desk) as (dead, alive):
        await fetch(dead)
        assert await alive.revive(dead_after=60) == 0
        await silence(desk, dead)
        assert await alive.revive(dead_after=60) == 1
        assert await rows(desk) == [("todo", None)]


async def test_worker_that_was_silent_lives_once_it_looks(desk: Desk):
    await desk.accept()
    async with ledgers(desk) as (frozen, _):
        await fetch(frozen)
        await silence(desk, frozen)
        assert await frozen.revive(dead_after=60) == 0


async def test_worker_that_wakes_up_does_not_end_the_row_that_another_has_now(desk: Desk):
    await desk.accept()
    async with ledgers(desk) as (frozen, alive):
        taken = await fetch(frozen)
        await silence(desk, frozen)
        await alive.revive(dead_after=60)
        await fetch(alive)
        await frozen.finish_job(taken, Status.SUCCEEDED, delete_job=True)
        assert await rows(desk) == [("doing", alive._worker_id)]


async def test_worker_that_has_a_row_again_does_not_end_it_for_the_first_time_it_had_it(desk: Desk):
    await desk.accept()
    async with ledgers(desk) as (frozen, alive):
        taken = await fetch(frozen)
        await silence(desk, frozen)
        await alive.revive(dead_after=60)
        await fetch(frozen)
        await frozen.finish_job(taken, Status.SUCCEEDED, delete_job=True)
        assert await rows(desk) == [("doing", frozen._worker_id)]


async def test_row_that_a_worker_does_not_know_it_has_waits_again_at_the_second_look(desk: Desk):
    await desk.accept()
    async with ledgers(desk) as (ledger, _):
        job = await fetch(ledger)
        ledger._held.clear()  # as if the answer had got lost
        assert await ledger.revive(dead_after=HOUR) == 0
        assert await ledger.revive(dead_after=HOUR) == 1
        assert (await fetch(ledger)).id == job.id


async def test_job_whose_hand_lets_go_of_it_rests(desk: Desk):
    await desk.accept()
    async with ledgers(desk, rest=HOUR) as (ledger, _):
        await ledger.finish_job(await fetch(ledger), Status.SUCCEEDED, delete_job=True)
        assert await rows(desk) == [("todo", None)]
        assert await fetch(ledger) is None


async def test_job_of_a_feed_that_is_cancelled_can_be_had_at_once(desk: Desk):
    await desk.accept()
    async with ledgers(desk, rest=HOUR) as (ledger, other):
        job = await fetch(ledger)
        await ledger.finish_job(job, Status.ABORTED, delete_job=True)
        assert (await fetch(other)).id == job.id


async def test_job_comes_back_with_the_rank_it_has_by_then(desk: Desk):
    job_id, other = await desk.accept(), await desk.accept()
    async with ledgers(desk) as (ledger, _):
        job = await fetch(ledger)
        change = text("UPDATE jobs SET rank = 1000, line = 1000 WHERE job_id = :job_id")
        await desk.database.write(lambda connection: connection.execute(change, {"job_id": job_id}).close())
        await ledger.finish_job(job, Status.ABORTED, delete_job=True)
        assert [(await fetch(ledger)).queueing_lock for _ in range(2)] == [other, job_id]


async def test_full_hand_is_given_only_what_belongs_before_all_it_has(desk: Desk):
    await desk.accept()
    async with ledgers(desk) as (ledger, _):
        ledger._hand.size = 1
        await fetch(ledger)
        ledger._hand.size = 0
        await desk.accept()
        assert await fetch(ledger) is None
        before = await desk.accept(priority=1)
        assert (await fetch(ledger)).queueing_lock == before


async def test_every_job_that_has_no_row_gets_one(desk: Desk):
    for _ in range(3):
        await desk.accept()
    drop = text("DELETE FROM procrastinate_jobs WHERE priority < (SELECT max(priority) FROM procrastinate_jobs)")
    await desk.database.write(lambda connection: connection.execute(drop).close())
    async with ledgers(desk) as (ledger, _):
        assert await ledger.restore() == 2
        assert await ledger.restore() == 0


async def test_job_that_comes_while_none_is_found_is_found_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    async with ledgers(desk) as (ledger, _):

        async def accept_meanwhile() -> bool:
            monkeypatch.undo()
            job_id.append(await desk.accept())
            await ledger._pass_on(channel="", notification={"type": "job_inserted", "job_id": 0})
            return False

        job_id: list[str] = []
        ledger._hand.size = 0
        monkeypatch.setattr(ledger, "_has_better", accept_meanwhile)
        assert (await fetch(ledger)).queueing_lock == job_id[0]
