"""The migrations make the tables that the program knows, and every query of the line has its index."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, insert, inspect, select, text
from sqlalchemy.dialects import sqlite

from comfy_gen.errors import DatabaseVersionError
from comfy_gen.jobs.connecting import engine_that_writes, file_of, parse_database_url, prepare_file
from comfy_gen.jobs.database import Database
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Finish
from comfy_gen.jobs.schema import HEAD, _config
from comfy_gen.jobs.sql.acceptance import pack
from comfy_gen.jobs.tables import jobs, metadata
from comfy_gen.library.generations import Library, Query
from tests.contracts.job_stores import artifact, open_desk, request


def _is_ours(_object, name, kind, _reflected, _compared):
    return not (kind == "table" and name.startswith("procrastinate_"))


@pytest.fixture
def migrated_url(database_url):
    """A database as all versions until now have made it, one after the other."""
    _migrate(database_url, "head")
    return database_url


def _migrate(database_url, revision, fill=lambda _: None):
    url = parse_database_url(database_url)
    if (file := file_of(url)) is not None:
        prepare_file(file, name="jobs.db")
    engine = engine_that_writes(url)
    with engine.begin() as connection:
        command.upgrade(_config(connection), revision)
        fill(connection)
    engine.dispose()


async def test_migrations_make_the_tables_that_the_program_knows(migrated_url):
    async with await Database.open(migrated_url) as database:

        def compare(connection):
            options = {"include_object": _is_ours, "compare_type": True}
            return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

        assert await database.read(compare) == []


async def test_new_database_has_what_migrations_make(migrated_url):
    async with await Database.open(migrated_url) as database:
        migrated = await database.read(_shape)
        await database.write(_drop_all)
    async with await Database.open(migrated_url) as database:
        assert await database.read(_shape) == migrated
    assert migrated[0].keys() == {*metadata.tables, "alembic_version"}


def _drop_all(connection):
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))


def _shape(connection):
    """Everything that a database knows of the tables; in which order they were thought of does not count."""
    seen = inspect(connection)
    ways = (seen.get_columns, seen.get_unique_constraints, seen.get_foreign_keys, seen.get_check_constraints)
    return {
        table: [
            str(seen.get_pk_constraint(table)),
            sorted((one["name"], one["unique"], *one["column_names"]) for one in seen.get_indexes(table)),
            *(sorted(map(str, found(table))) for found in ways),
        ]
        for table in seen.get_table_names()
        if not table.startswith("procrastinate_")
    }, _conditions(connection)


async def test_new_database_has_the_partial_indexes(database_url):
    async with await Database.open(database_url) as database:
        found = await database.read(_conditions)
    known = {index.name for table in metadata.tables.values() for index in table.indexes if _condition(index)}
    assert set(found) == known
    assert all("IS" in condition for condition in found.values())


def _conditions(connection):
    name = f"{connection.dialect.name}_where"
    return {
        index["name"]: str(index["dialect_options"][name])
        for table in metadata.tables
        for index in inspect(connection).get_indexes(table)
        if name in index.get("dialect_options", {})
    }


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


ENDED, WAITING = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"


@pytest.fixture
def of_before_takes(database_url):
    """A database of the version before takes, with a job that has ended and one that waits."""
    _migrate(database_url, "0003", _fill)
    return database_url


def _fill(connection):
    old = MetaData()
    old.reflect(connection)
    tables = old.tables
    plain = {
        "owner": "ann",
        **dict.fromkeys(("priority", "turn", "rank", "attempt", "strikes"), 0),
        **dict.fromkeys(("is_held", "is_cancelling"), False),
        **dict.fromkeys(("created", "queued"), 5.0),
        **dict.fromkeys(("need", "metadata", "timings"), "{}"),
        **dict.fromkeys(("avoided", "notes"), "[]"),
        **dict.fromkeys(("title", "likeness"), ""),
        **dict.fromkeys(("run", "last_event"), 1),
        "not_before": 0.0,
    }
    ended = {**plain, "job_id": ENDED, "state": "completed", "attempt": 1, "ended": 9.0, "digest": "d1"}
    waiting = {**plain, "job_id": WAITING, "state": "queued", "line": 0, "digest": "d2"}
    for row in (ended, waiting):
        connection.execute(insert(tables["jobs"]).values(row))
        body = pack(request(owner="ann"))
        connection.execute(insert(tables["requests"]).values(job_id=row["job_id"], body=body))
    made = artifact(ENDED)
    kept = {name: getattr(made, name) for name in tables["artifacts"].c.keys() if name != "place"}  # noqa: SIM118  # it is no dict
    connection.execute(insert(tables["artifacts"]).values(**kept, place=0))
    connection.execute(insert(tables["recipes"]).values(digest="r", body="{}", created=9.0))
    words = dict.fromkeys(
        ("workflow", "workflow_digest", "prompt", "negative_prompt", "seed", "engine", "comfyui_version", "version"), ""
    )
    generation = {"job_id": ENDED, "created": 9.0, "owner": "ann", "recipe": "r", "tier": "general", **words}
    connection.execute(insert(tables["generations"]).values(**generation, models="[]", verdicts="[]"))


async def test_what_was_there_before_takes_is_its_first_and_only_one(of_before_takes):
    async with open_desk(of_before_takes) as desk:
        job = await desk.store.get(ENDED)
        assert (job.state, job.quality, job.take) == (JobState.COMPLETED, None, 1)
        assert await desk.store.artifacts(ENDED) == [artifact(ENDED)]
        assert await desk.store.artifacts(ENDED, every_take=True) == [artifact(ENDED)]
        assert await desk.store.takes(ENDED) == []
        library = Library(desk.store.transactions)
        one = await library.get(ENDED)
        assert (one.passed, one.score, one.take, one.takes) == (None, None, 1, 1)
        assert await library.count(Query(passed=False)) == await library.count(Query(min_score=0.0)) == 0


async def test_job_that_waited_before_takes_goes_its_way(of_before_takes):
    async with open_desk(of_before_takes) as desk:
        claimed = await desk.store.claim(WAITING, worker="w", now=10.0)
        assert (claimed.attempt, claimed.request.quality, claimed.takes) == (1, None, [])
        for state in (JobState.GENERATING, JobState.POSTPROCESSING):
            assert await desk.store.advance(WAITING, 1, state, now=11.0)
        files = [artifact(WAITING, 0)]
        assert await desk.store.finish(WAITING, 1, Finish(JobState.COMPLETED, files), now=12.0)
        assert await desk.store.artifacts(WAITING) == files


async def test_line_is_read_from_its_index_alone(tmp_path):
    async with await Database.open(f"sqlite:///{tmp_path}/jobs.db") as database:

        def plan(query):
            statement = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
            return lambda connection: connection.execute(text(f"EXPLAIN QUERY PLAN {statement}")).one().detail

        before = select(text("count(*)")).select_from(jobs).where(jobs.c.line < 5)
        wishes = select(jobs.c.job_id).where(jobs.c.is_cancelling.is_(True), jobs.c.worker == "w")
        assert "USING COVERING INDEX jobs_line" in await database.read(plan(before))
        assert "USING INDEX jobs_wishes" in await database.read(plan(wishes))
