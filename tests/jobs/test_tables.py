"""The migrations make the tables that the program knows, and every query of the line has its index."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.dialects import sqlite

from comfy_gen.errors import DatabaseVersionError
from comfy_gen.jobs.database import Database
from comfy_gen.jobs.schema import HEAD, _config
from comfy_gen.jobs.tables import jobs, metadata


def _is_ours(_object, name, kind, _reflected, _compared):
    return not (kind == "table" and name.startswith("procrastinate_"))


async def test_migrations_make_the_tables_that_the_program_knows(database_url):
    async with await Database.open(database_url) as database:

        def compare(connection):
            options = {"include_object": _is_ours, "compare_type": True}
            return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

        assert await database.read(compare) == []


async def test_migrations_make_the_partial_indexes(database_url):
    async with await Database.open(database_url) as database:

        def conditions(connection):
            name = f"{connection.dialect.name}_where"
            return {
                index["name"]: str(index["dialect_options"][name])
                for table in metadata.tables
                for index in inspect(connection).get_indexes(table)
                if name in index.get("dialect_options", {})
            }

        found = await database.read(conditions)
    known = {index.name for table in metadata.tables.values() for index in table.indexes if _condition(index)}
    assert set(found) == known
    assert all("IS" in condition for condition in found.values())


def _condition(index):
    return index.dialect_options["sqlite"]["where"] is not None


async def test_newest_migration_is_the_one_that_the_program_knows(database_url):
    async with await Database.open(database_url) as database:
        heads = await database.read(lambda connection: ScriptDirectory.from_config(_config(connection)).get_heads())
    assert heads == [HEAD]


async def test_database_of_a_newer_program_is_left_alone(database_url):
    async with await Database.open(database_url) as database:
        await database.write(
            lambda connection: connection.execute(text("UPDATE alembic_version SET version_num='9999'"))
        )
    with pytest.raises(DatabaseVersionError) as caught:
        await Database.open(database_url)
    assert caught.value.found == "9999"


async def test_line_is_read_from_its_index_alone(tmp_path):
    async with await Database.open(f"sqlite:///{tmp_path}/jobs.db") as database:

        def plan(query):
            statement = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
            return lambda connection: connection.execute(text(f"EXPLAIN QUERY PLAN {statement}")).one().detail

        before = select(text("count(*)")).select_from(jobs).where(jobs.c.line < 5)
        wishes = select(jobs.c.job_id).where(jobs.c.is_cancelling.is_(True), jobs.c.worker == "w")
        assert "USING COVERING INDEX jobs_line" in await database.read(plan(before))
        assert "USING INDEX jobs_wishes" in await database.read(plan(wishes))
