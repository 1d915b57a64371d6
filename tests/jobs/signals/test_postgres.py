from __future__ import annotations

import asyncio
import sys

import psycopg
import pytest
from sqlalchemy import make_url

from comfy_gen.errors import MissingExtraError
from comfy_gen.jobs.database import Database
from comfy_gen.jobs.signals.postgres import PostgresSignals, conninfo_of
from comfy_gen.jobs.signals.signals import ANYTHING

_END_LISTENERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN comfygen'"


async def first_of(topics) -> str:
    return await asyncio.wait_for(anext(topics), 20)


async def test_process_does_not_hear_itself_twice(postgres_url: str):
    async with await Database.open(postgres_url) as database:
        signals, other = PostgresSignals(database.url), PostgresSignals(database.url)
        async with signals.subscribe() as topics:
            await database.write(lambda connection: signals.send(connection, "own"))
            await database.write(lambda connection: other.send(connection, "theirs"))
            assert await first_of(topics) == "theirs"


async def test_connection_that_was_lost_is_made_again_and_may_have_missed_anything(postgres_url: str):
    async with await Database.open(postgres_url) as database:
        signals, other = PostgresSignals(database.url, reconnect_every=0.01), PostgresSignals(database.url)
        async with signals.subscribe("queue") as topics:
            with psycopg.connect(postgres_url, autocommit=True) as connection:
                connection.execute(_END_LISTENERS)
            assert await first_of(topics) == ANYTHING
            await database.write(lambda connection: other.send(connection, "queue"))
            assert await first_of(topics) == "queue"


async def test_nobody_is_connected_while_nobody_listens(postgres_url: str):
    signals = PostgresSignals(make_url(postgres_url))
    async with signals.subscribe(), signals.subscribe():
        listening = signals._listening
        assert not listening.done()
    assert signals._listening is None
    assert listening.done()


def test_url_is_given_to_the_driver_with_its_password():
    url = make_url("postgresql+psycopg://me:s%40cret@db.example:5433/jobs?sslmode=require")
    assert conninfo_of(url) == "postgresql://me:s%40cret@db.example:5433/jobs?client_encoding=utf8&sslmode=require"


def test_missing_driver_is_a_missing_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "comfy_gen.jobs.signals.postgres")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match="postgres"):
        __import__("comfy_gen.jobs.signals.postgres")
