"""The database: one thread that writes, several that read, and those who wait for a commit share it.

    database = await Database.open("sqlite:////var/lib/comfygen/comfygen.db")
    job = await database.write(lambda connection: …)

A piece of work is a function of a connection. It may be run a second time, once the first was undone.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal, Self, TypeVar, cast

from sqlalchemy.exc import DBAPIError

from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.connecting import (
    engine_that_reads,
    engine_that_writes,
    file_of,
    parse_database_url,
    prepare_file,
    shown,
)
from comfy_gen.jobs.schema import bring_up_to_date
from comfy_gen.jobs.trouble import can_be_repeated, is_race, is_unavailable, unavailable
from comfy_gen.jobs.writer import Task, Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    import psycopg
    from sqlalchemy import URL, Connection

T = TypeVar("T")

_READERS = 4
_TRIES = 8
"""Of opening a database that others open at the same moment."""
_PAUSE = 0.05
"""Seconds after the first try; longer by as much after each further one."""


class Database:
    """Where jobs are kept: SQLite or PostgreSQL. Made by `open`; close it, or use it with ``async with``."""

    def __init__(self, url: URL) -> None:
        self.url = url
        """It holds the password; printing it does not show it."""
        self.dialect = cast("Literal['sqlite', 'postgresql']", url.get_backend_name())
        self.name = shown(url)
        """For people: without the password."""
        self.file = file_of(url)
        """SQLite's; None for PostgreSQL."""
        self._writing = engine_that_writes(url)
        self._reading = engine_that_reads(url, size=_READERS)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="database-reader")
        self._writer: Writer | None = None

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect to a database, and make or update its tables.

        Raises:
            InvalidParameterError: the URL is none of SQLite or PostgreSQL.
            MissingExtraError: PostgreSQL's driver is not installed.
            DatabaseUnavailableError: it cannot be opened.
            DatabaseVersionError: a newer version of the program was here.
        """
        database = cls(parse_database_url(url))
        try:
            await asyncio.to_thread(database._prepare)
        except BaseException:
            await database.close()
            raise
        database._writer = Writer(database._writing, shown=database.name)
        return database

    async def write(self, work: Callable[[Connection], T], *, is_durable: bool = True) -> T:
        """Run work in a transaction, and return what it returns once that is committed.

        What is not durable survives the end of this process all the same, but perhaps no loss of power. If the caller
        is cancelled, the work may be done all the same.

        Raises:
            DatabaseUnavailableError: it could not be written; nothing of it was, unless the server was lost at the
                very moment of the commit.
        """
        if self._writer is None:
            raise DatabaseUnavailableError(self.name, "it is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._writer.put(Task(work, loop, future, is_durable))
        return await future

    async def read(self, work: Callable[[Connection], T], *, is_brief: bool = False) -> T:
        """Run queries. Each sees what was committed when it began; the work may change nothing.

        What is brief reads a few rows by an index: SQLite has them sooner than a thread has been woken to ask for them.

        Raises:
            DatabaseUnavailableError: it could not be read.
        """
        if is_brief and self.file is not None:
            return self._read(work)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def close(self) -> None:
        """Finish what waits, and disconnect."""
        writer, self._writer = self._writer, None
        await asyncio.to_thread(self._close, writer)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def _prepare(self) -> None:
        if self.file is not None:
            prepare_file(self.file, name=self.name)
        for number in range(1, _TRIES + 1):
            try:
                with self._writing.begin() as connection:
                    bring_up_to_date(connection, shown=self.name)
            except DBAPIError as error:
                # SQLite does not wait for the process that is just giving a new file its log.
                if number == _TRIES or not is_race(error):
                    raise unavailable(error, self.name) from error
                time.sleep(_PAUSE * number)
            else:
                return

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            try:
                return self._read_once(work)
            except DBAPIError as error:
                if not can_be_repeated(error):  # such as a connection that the server closed while it was not used
                    raise
                return self._read_once(work)
        except DBAPIError as error:
            if is_unavailable(error):
                raise unavailable(error, self.name) from error
            raise

    def _read_once(self, work: Callable[[Connection], T]) -> T:
        with self._reading.connect() as connection:
            return work(connection)

    def _close(self, writer: Writer | None) -> None:
        if writer is not None:
            writer.close()
        self._readers.shutdown()
        self._reading.dispose()
        self._writing.dispose()


def connection_of(connection: Connection) -> psycopg.Connection:
    """Return the driver's own connection, in the same transaction. For PostgreSQL only."""
    return cast("psycopg.Connection", connection.connection.driver_connection)
