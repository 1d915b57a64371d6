from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from comfy_gen.errors import DatabaseUnavailableError, MissingExtraError
from comfy_gen.jobs.database import Database
from comfy_gen.jobs.dispatch.postgres import PostgresDispatcher
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Finish, Selection
from tests.contracts.hands import NOW, OpenHand, open_desk
from tests.postgres import serve_postgres

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from comfy_gen.jobs.ids import JobId
    from tests.contracts.hands import Desk

ROOT = Path(__file__).parents[3]
PATIENCE = 20.0


@pytest.fixture
async def desk(postgres_url: str) -> AsyncGenerator[Desk]:
    async with open_desk(postgres_url) as opened:
        yield opened


@asynccontextmanager
async def feeder(url: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run another process that takes jobs and holds them."""
    command = [sys.executable, "-m", "tests.jobs.dispatch.feeder", url]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def taken_by(process: asyncio.subprocess.Process) -> str:
    """Return the next job that it takes."""
    return (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode().strip()


async def rows(desk: Desk, job_id: JobId | None = None) -> list[str]:
    """Return the states of procrastinate's rows, or of those of one job."""
    query = "SELECT status::text FROM procrastinate_jobs WHERE :job_id IN ('', queueing_lock)"
    return await desk.database.read(lambda connection: [*connection.scalars(text(query), {"job_id": job_id or ""})])


async def until_rows(desk: Desk, *states: str) -> None:
    """Wait until these are the rows there are."""
    async with asyncio.timeout(PATIENCE):
        while await rows(desk) != [*states]:  # a table tells nobody that it changed
            await asyncio.sleep(0.01)


async def run_sql(desk: Desk, statement: str) -> None:
    await desk.database.write(lambda connection: connection.exec_driver_sql(statement).close())


async def test_jobs_of_a_killed_process_are_taken_over(desk: Desk, postgres_url: str):
    job_id = await desk.accept()
    async with feeder(postgres_url) as process:
        assert await taken_by(process) == job_id
        await desk.claim(job_id)
        process.kill()
    hand = OpenHand()
    desk.feed(hand)
    await hand.until(job_id)


async def test_process_that_was_frozen_takes_nothing_back(desk: Desk, postgres_url: str):
    job_id = await desk.accept()
    async with feeder(postgres_url) as process:
        assert await taken_by(process) == job_id
        process.send_signal(signal.SIGSTOP)
        hand = OpenHand(1)
        desk.feed(hand)
        await hand.until(job_id)
        process.send_signal(signal.SIGCONT)
        next_id = await desk.accept()
        assert await taken_by(process) == next_id  # it is alive again; the other hand is full
        assert hand.taken == [job_id]
        assert await rows(desk, job_id) == ["doing"]


async def test_ended_jobs_leave_no_rows(desk: Desk):
    job_id = await desk.accept()
    hand = OpenHand()
    desk.feed(hand)
    await hand.until(job_id)
    attempt = await desk.claim(job_id)
    assert await desk.store.finish(job_id, attempt, Finish(JobState.FAILED), now=NOW)
    hand.let_go(job_id)
    await until_rows(desk)


async def test_job_that_waits_already_gets_no_second_row(desk: Desk):
    job_id = await desk.accept()
    await desk.database.write(lambda connection: desk.dispatcher.enqueue(connection, [(job_id, 0)]))
    assert await rows(desk) == ["todo"]


async def test_job_in_a_hand_gets_no_second_row_but_waits_again_when_let_go_of(desk: Desk):
    job_id = await desk.accept()
    hand = OpenHand()
    desk.feed(hand)
    await hand.until(job_id)
    await desk.database.write(lambda connection: desk.dispatcher.enqueue(connection, [(job_id, 0)]))
    assert await rows(desk) == ["doing"]
    hand.let_go(job_id)
    await hand.until(job_id, times=2)


async def test_jobs_whose_rows_were_lost_are_fed(desk: Desk):
    waiting, begun, held = [await desk.accept() for _ in range(3)]
    await desk.store.hold(Selection([held]), now=NOW)
    await desk.claim(begun)
    await run_sql(desk, "DELETE FROM procrastinate_jobs")
    hand = OpenHand()
    desk.feed(hand)
    await hand.until(waiting, begun)
    assert held not in hand.taken


async def test_worker_that_was_forgotten_registers_again(desk: Desk):
    hand = OpenHand()
    desk.feed(hand)
    await hand.until(await desk.accept())
    await run_sql(desk, "DELETE FROM procrastinate_workers")
    await hand.until(await desk.accept())


async def test_feeding_goes_on_when_the_server_was_restarted():
    with serve_postgres() as server, server.database() as url:
        async with open_desk(url) as desk:
            hand = OpenHand()
            desk.feed(hand)
            before = await desk.accept()
            await hand.until(before)
            server.stop()
            server.start()
            await hand.until(await accept_somehow(desk))


async def accept_somehow(desk: Desk) -> JobId:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await desk.accept()
            except DatabaseUnavailableError:
                await asyncio.sleep(0.05)


async def test_tables_are_made_once_however_many_workers_start_at_once(postgres_url: str):
    databases = [await Database.open(postgres_url) for _ in range(4)]
    await asyncio.gather(*(PostgresDispatcher.open(database) for database in databases))
    for database in databases:
        await database.close()


def test_missing_driver_is_a_missing_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "comfy_gen.jobs.dispatch.postgres")
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    with pytest.raises(MissingExtraError, match="postgres"):
        __import__("comfy_gen.jobs.dispatch.postgres")
