from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from comfy_gen.jobs.database import Database
from comfy_gen.jobs.signals.local import LocalSignals
from comfy_gen.jobs.signals.signals import ANYTHING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

NEVER = 3600.0


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    async with await Database.open(f"sqlite:///{tmp_path}/comfygen.db") as opened:
        yield opened


@pytest.fixture
async def signals(database: Database) -> LocalSignals:
    """Signals that look only when the test has them look."""
    return LocalSignals(database, look_every=NEVER)


async def commit(database: Database, name: str) -> None:
    statement = f"INSERT INTO switches VALUES ('{name}', '')"
    await database.write(lambda connection: connection.exec_driver_sql(statement).close())


async def first_of(topics) -> str:
    return await asyncio.wait_for(anext(topics), 5)


async def test_own_commit_is_not_taken_for_another_process_s(database: Database, signals: LocalSignals):
    async with signals.subscribe("queue") as topics:
        await commit(database, "own")
        await signals._look()
        signals.published("queue")
        assert await first_of(topics) == "queue"


async def test_commit_of_another_process_may_be_anything(database: Database, signals: LocalSignals, tmp_path: Path):
    async with await Database.open(f"sqlite:///{tmp_path}/comfygen.db") as other, signals.subscribe("queue") as topics:
        await commit(other, "theirs")
        await signals._look()
        signals.published("queue")
        assert [await first_of(topics), await first_of(topics)] == [ANYTHING, "queue"]


async def test_database_that_was_away_may_have_changed(database: Database, signals: LocalSignals):
    async with signals.subscribe("queue") as topics:
        await database.close()
        await signals._look()
        assert await first_of(topics) == ANYTHING


async def test_nobody_looks_while_nobody_listens(signals: LocalSignals):
    assert signals._looking is None
    async with signals.subscribe(), signals.subscribe():
        looking = signals._looking
        assert not looking.done()
    assert signals._looking is None
    assert looking.done()
