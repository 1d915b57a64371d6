import asyncio

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.writer import Task, Writer


@pytest.fixture
def engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE numbers (number INTEGER)"))
    yield engine
    engine.dispose()


@pytest.fixture
def writer(engine):
    writer = Writer(engine, shown="sqlite:///x.db")
    yield writer
    writer.close()


def numbers(engine) -> list[int]:
    with engine.connect() as connection:
        return [*connection.execute(text("SELECT number FROM numbers ORDER BY number")).scalars()]


def adding(number: int) -> Task:
    def work(connection: Connection) -> int:
        connection.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})
        return number

    loop = asyncio.get_running_loop()
    return Task(work, loop, loop.create_future())


async def test_those_who_wait_share_a_commit_and_each_has_its_answer(writer, engine):
    tasks = [adding(number) for number in range(20)]
    for task in tasks:
        writer.put(task)
    async with asyncio.timeout(5):
        assert [await task.future for task in tasks] == list(range(20))
    assert numbers(engine) == list(range(20))


async def test_commit_whose_answer_is_lost_is_not_repeated(writer, engine, monkeypatch):
    commit = Connection.commit

    def losing(connection):
        commit(connection)
        raise OperationalError("COMMIT", {}, Exception("server closed the connection"), connection_invalidated=True)

    monkeypatch.setattr(Connection, "commit", losing)
    tasks = [adding(1), adding(2)]
    answers = writer._together(tasks)
    assert [type(answer.error) for answer in answers] == [DatabaseUnavailableError] * 2
    assert type(writer._alone(adding(3)).error) is DatabaseUnavailableError
    assert numbers(engine) == [1, 2, 3]


async def test_thread_outlives_what_nobody_foresaw(writer, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(writer, "_run", lambda _: (_ for _ in ()).throw(RuntimeError("a bug")))
        task = adding(1)
        writer.put(task)
        with pytest.raises(RuntimeError, match="a bug"):
            await asyncio.wait_for(task.future, 5)
    task = adding(2)
    writer.put(task)
    assert await asyncio.wait_for(task.future, 5) == 2
