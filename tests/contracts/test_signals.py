"""What every kind of signals promises, between processes and within one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from comfy_gen.jobs.signals import ANYTHING, QUEUE, WISHES
from tests.contracts.hands import Desk, database_url, open_desk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from sqlalchemy import Connection

__all__ = ["database_url"]

PATIENCE = 10.0


@pytest.fixture
async def here(database_url: str) -> AsyncGenerator[Desk]:
    """What one process has."""
    async with open_desk(database_url) as desk:
        yield desk


@pytest.fixture
async def there(here: Desk, database_url: str) -> AsyncGenerator[Desk]:
    """What another one has, on the same database."""
    async with open_desk(database_url) as desk:
        yield desk


async def heard(topics: AsyncIterator[str]) -> str:
    return await asyncio.wait_for(anext(topics), PATIENCE)


async def test_reader_hears_what_its_own_process_published(here: Desk):
    async with here.signals.subscribe(QUEUE, WISHES) as topics:
        here.signals.published(WISHES)
        assert await heard(topics) == WISHES


async def test_reader_hears_what_another_process_committed(here: Desk, there: Desk):
    async with here.signals.subscribe(QUEUE) as topics:
        await there.accept()
        assert await heard(topics) in (QUEUE, ANYTHING)


async def test_every_reader_of_a_process_hears_it(here: Desk, there: Desk):
    async with here.signals.subscribe(QUEUE) as one, here.signals.subscribe(QUEUE) as two:
        await there.accept()
        assert await heard(one) in (QUEUE, ANYTHING)
        assert await heard(two) in (QUEUE, ANYTHING)


async def test_what_is_undone_is_not_signalled(here: Desk, there: Desk):
    def send_and_fail(connection: Connection) -> None:
        there.signals.send(connection, QUEUE)
        raise ZeroDivisionError

    def send_wishes(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO switches VALUES ('something', 'changed')")
        there.signals.send(connection, WISHES)

    async with here.signals.subscribe(QUEUE, WISHES) as topics:
        with pytest.raises(ZeroDivisionError):
            await there.database.write(send_and_fail)
        await there.database.write(send_wishes)
        assert await heard(topics) in (WISHES, ANYTHING)


async def test_reader_who_comes_again_hears_again(here: Desk, there: Desk):
    for _ in range(2):
        async with here.signals.subscribe(QUEUE) as topics:
            await there.accept()
            assert await heard(topics) in (QUEUE, ANYTHING)
