"""What the database promises: all or nothing, for each piece of work alone, however many share a commit."""

from __future__ import annotations

import asyncio
import functools
import signal
import sqlite3
import stat
import threading

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from comfy_gen.errors import DatabaseUnavailableError, InvalidParameterError
from comfy_gen.jobs.connecting import parse_database_url, shown
from comfy_gen.jobs.database import Database, connection_of
from comfy_gen.jobs.tables import switches
from tests.postgres import serve_postgres


@pytest.fixture
async def database(database_url):
    async with await Database.open(database_url) as opened:
        yield opened


def _put(name, value="v"):
    def work(connection):
        connection.execute(insert(switches).values(name=name, value=value))
        return 1

    return work


def _names(connection):
    return set(connection.execute(select(switches.c.name)).scalars())


def _put_and_raise(connection):
    _put("undone")(connection)
    raise KeyError("mine")


class _Gate:
    """Keeps the thread that writes busy, so that what is written meanwhile has to share a commit."""

    def __init__(self, database):
        self._open = threading.Event()
        self._entered = threading.Event()
        self._closed = asyncio.ensure_future(database.write(self._wait))

    def _wait(self, _connection):
        self._entered.set()
        assert self._open.wait(10)

    async def together(self, *works):
        """Start all of these while the gate is shut, and return their answers."""
        await asyncio.to_thread(self._entered.wait, 10)
        tasks = [asyncio.ensure_future(work) for work in works]
        await asyncio.sleep(0)
        self._open.set()
        await self._closed
        return await asyncio.gather(*tasks, return_exceptions=True)


# --- writing


async def test_what_was_written_is_there(database):
    assert await database.write(_put("a")) == 1
    assert await database.read(_names) == {"a"}


async def test_work_that_raises_leaves_nothing_and_its_error_reaches_the_caller(database):
    with pytest.raises(KeyError, match="mine"):
        await database.write(_put_and_raise)
    assert await database.read(_names) == set()


async def test_pieces_of_work_share_a_commit(database):
    transactions = []
    works = (database.write(lambda connection: transactions.append(connection.get_transaction())) for _ in range(5))
    await _Gate(database).together(*works)
    assert len(transactions) == 5
    assert len(set(transactions)) == 1


async def test_error_of_one_harms_none_of_those_that_share_its_commit(database):
    answers = await _Gate(database).together(
        database.write(_put("a")), database.write(_put_and_raise), database.write(_put("b"))
    )
    assert answers[0] == answers[2] == 1
    assert isinstance(answers[1], KeyError)
    assert await database.read(_names) == {"a", "b"}


async def test_refused_statement_harms_none_of_those_that_share_its_commit(database):
    answers = await _Gate(database).together(*(database.write(_put(name)) for name in ("a", "a", "b")))
    assert [type(answer) for answer in answers] == [int, IntegrityError, int]
    assert await database.read(_names) == {"a", "b"}


async def test_work_of_a_caller_that_left_is_done_all_the_same(database):
    gate = _Gate(database)
    left = asyncio.ensure_future(database.write(_put("a")))
    await asyncio.sleep(0)
    left.cancel()
    await gate.together(database.write(_put("b")))
    assert await database.read(_names) == {"a", "b"}


async def test_many_pieces_of_work_are_all_done(database):
    answers = await asyncio.gather(*(database.write(_put(f"n{number}")) for number in range(300)))
    assert answers == [1] * 300
    assert len(await database.read(_names)) == 300


async def test_what_waits_is_finished_before_it_closes(database_url):
    database = await Database.open(database_url)
    tasks = [asyncio.ensure_future(database.write(_put(f"n{number}"))) for number in range(20)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*tasks) == [1] * 20


async def test_closed_database_says_so(database_url):
    database = await Database.open(database_url)
    await database.close()
    with pytest.raises(DatabaseUnavailableError, match="closed"):
        await database.write(_put("a"))
    await database.close()


async def test_two_processes_write_at_the_same_time(database_url):
    async with await Database.open(database_url) as one, await Database.open(database_url) as other:
        await asyncio.gather(*(db.write(_put(f"{id(db)}-{number}")) for number in range(50) for db in (one, other)))
        assert len(await one.read(_names)) == 100


async def test_two_processes_may_make_the_tables_at_the_same_time(database_url):
    opened = await asyncio.gather(*(Database.open(database_url) for _ in range(4)))
    assert [await database.read(_names) for database in opened] == [set()] * 4
    for database in opened:
        await database.close()


# --- SQLite's trouble


@pytest.fixture
def file(tmp_path):
    return tmp_path / "folder" / "jobs.db"


@pytest.fixture
async def sqlite_database(file):
    async with await Database.open(f"sqlite:///{file}") as opened:
        yield opened


async def test_commit_is_on_the_disk(sqlite_database):
    def settings(connection):
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert await sqlite_database.write(settings) == ["wal", 2, 1, 10_000]
    assert await sqlite_database.read(settings) == ["wal", 2, 1, 10_000]


async def test_file_is_for_its_owner_alone(sqlite_database, file):
    await sqlite_database.write(_put("a"))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert set(modes) == {"jobs.db", "jobs.db-wal", "jobs.db-shm"}


def _limit_pages(count):
    def work(connection):
        connection.exec_driver_sql(f"PRAGMA max_page_count={count}").close()

    return work


async def test_full_disk_is_told_and_leaves_nothing(sqlite_database, file):
    await sqlite_database.write(_limit_pages(1))  # SQLite takes the present size instead: not one page more
    with pytest.raises(DatabaseUnavailableError) as caught:
        await sqlite_database.write(_put("a", "x" * 100_000))
    assert caught.value.database == f"sqlite:///{file}"
    assert "full" in caught.value.reason
    assert await sqlite_database.read(_names) == set()


async def test_writing_goes_on_once_the_disk_has_room(sqlite_database):
    await sqlite_database.write(_limit_pages(1))
    with pytest.raises(DatabaseUnavailableError):
        await sqlite_database.write(_put("a", "x" * 100_000))
    await sqlite_database.write(_limit_pages(100_000))
    await sqlite_database.write(_put("a", "x" * 100_000))
    assert await sqlite_database.read(_names) == {"a"}


async def test_full_disk_harms_only_those_that_do_not_fit(sqlite_database):
    await sqlite_database.write(_limit_pages(1))
    large, small = _put("large", "x" * 100_000), _put("small")
    answers = await _Gate(sqlite_database).together(*(sqlite_database.write(work) for work in (small, large)))
    assert answers[0] == 1
    assert isinstance(answers[1], DatabaseUnavailableError)
    assert await sqlite_database.read(_names) == {"small"}


async def test_writer_waits_for_another_process(sqlite_database, file):
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.ensure_future(sqlite_database.write(_put("a")))
        await sqlite_database.read(_names)
        assert not writing.done()
        other.execute("COMMIT")
    other.close()
    assert await writing == 1


async def test_folder_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseUnavailableError):
        await Database.open(f"sqlite:///{tmp_path}/file/jobs.db")


async def test_file_that_is_no_database_says_so(tmp_path):
    (tmp_path / "jobs.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(DatabaseUnavailableError, match="not a database"):
        await Database.open(f"sqlite:///{tmp_path}/jobs.db")


# --- PostgreSQL's trouble


@pytest.fixture
async def postgres_database(postgres_url):
    async with await Database.open(postgres_url) as opened:
        yield opened


async def test_database_without_an_encoding_keeps_texts_all_the_same(postgres):
    with postgres.database("ENCODING 'SQL_ASCII' TEMPLATE template0") as url:
        async with await Database.open(url) as opened:
            await opened.write(_put("Füchse"))
            assert await opened.read(_names) == {"Füchse"}


async def test_driver_is_in_the_same_transaction(postgres_database):
    def work(connection):
        connection_of(connection).execute("INSERT INTO switches VALUES ('a', 'v')")
        raise KeyError

    with pytest.raises(KeyError):
        await postgres_database.write(work)
    assert await postgres_database.read(_names) == set()


async def test_deadlock_is_tried_again(postgres_url):
    async with await Database.open(postgres_url) as one, await Database.open(postgres_url) as other:
        for name in ("a", "b"):
            await one.write(_put(name))
        met = threading.Barrier(2)

        def change_both(connection, *, names, is_first=[True, True], number):  # noqa: B006  # meant to be kept
            for name in names:
                connection.execute(switches.update().where(switches.c.name == name).values(value=f"by {number}"))
                if is_first[number]:
                    is_first[number] = False
                    met.wait(10)

        await asyncio.gather(
            one.write(functools.partial(change_both, names=("a", "b"), number=0)),
            other.write(functools.partial(change_both, names=("b", "a"), number=1)),
        )
        values = await one.read(lambda connection: set(connection.execute(select(switches.c.value)).scalars()))
    assert len(values) == 1


async def test_connection_that_the_server_closed_is_made_anew(postgres_database):
    await postgres_database.write(_put("a"))
    await postgres_database.read(_names)
    await postgres_database.write(
        lambda connection: connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        ).all()
    )
    assert await postgres_database.read(_names) == {"a"}
    with pytest.raises(DatabaseUnavailableError):
        await postgres_database.write(
            lambda connection: connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        )
    assert await postgres_database.write(_put("b")) == 1


async def test_server_that_is_gone_is_told_and_found_again():
    with serve_postgres(settings={}) as server, server.database() as url:
        async with await Database.open(url) as database:
            await database.write(_put("a"))
            server.stop(signal.SIGQUIT)
            with pytest.raises(DatabaseUnavailableError):
                await database.write(_put("b"))
            with pytest.raises(DatabaseUnavailableError):
                await database.read(_names)
            server.start()
            assert await database.write(_put("c")) == 1
            assert await database.read(_names) == {"a", "c"}


async def test_server_that_is_not_there_says_so_without_the_password():
    with pytest.raises(DatabaseUnavailableError) as caught:
        await Database.open("postgresql://user:secret@127.0.0.1:1/jobs")
    assert "secret" not in f"{caught.value} {caught.value.hint} {caught.value!r}"
    assert caught.value.database == "postgresql://user:***@127.0.0.1:1/jobs"


# --- URLs


@pytest.mark.parametrize("url", ["", "jobs.db", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@h/d", "http://x"])
def test_url_of_anything_else_is_refused_and_not_repeated(url):
    with pytest.raises(InvalidParameterError) as caught:
        parse_database_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"])
def test_postgresql_is_spoken_to_by_one_driver(scheme):
    assert parse_database_url(f"{scheme}://u@h/d").drivername == "postgresql+psycopg"


def test_password_is_not_shown_wherever_it_stands():
    url = parse_database_url("postgresql://u:secret@h/d?password=secret&sslpassword=secret&sslmode=require")
    assert "secret" not in shown(url)
    assert "sslmode=require" in shown(url)
