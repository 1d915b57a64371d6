"""How to reach a database: what its URL may be, and how connections to it are set up."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from comfy_gen.errors import DatabaseUnavailableError, InvalidParameterError, MissingExtraError

if TYPE_CHECKING:
    import sqlite3

    import psycopg
    from sqlalchemy import URL, Connection, Engine

_BUSY_MS = 10_000
"""How long SQLite waits for another process's commit."""
_LARGEST_LOG = 64 * 2**20
"""Bytes that SQLite's log keeps on disk after a rush."""
ENCODING = "utf8"
"""How PostgreSQL is told texts, and tells them: one that was made with SQL_ASCII would hand out bytes."""


def parse_database_url(text: str) -> URL:
    """Return the URL with the driver that is used.

    Raises:
        InvalidParameterError: it is no URL of SQLite, with a file, or of PostgreSQL. It does not repeat the URL.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise _refused("no URL") from error
    match url.get_backend_name():
        case "sqlite" if url.database and url.database != ":memory:":
            return url.set(drivername="sqlite+pysqlite")
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+psycopg")
        case name:
            raise _refused(f"a URL of {name}")


def shown(url: URL) -> str:
    """Return the URL as people may see it: without a password."""
    options = {name: "***" if "password" in name else value for name, value in url.query.items()}
    bare = url.set(drivername=url.get_backend_name(), query=options)
    return bare.render_as_string(hide_password=True)


def file_of(url: URL) -> Path | None:
    """Return SQLite's file; None for PostgreSQL."""
    return Path(url.database).absolute() if url.get_backend_name() == "sqlite" and url.database else None


def engine_that_writes(url: URL) -> Engine:
    """Return an engine whose transactions may change the database.

    Raises:
        MissingExtraError: PostgreSQL's driver is not installed.
    """
    engine = _engine(url, size=1)
    if engine.dialect.name == "sqlite":
        # At once, not at the first change: a transaction that has read cannot become one that writes while another
        # process does, and would fail without waiting.
        event.listen(engine, "begin", _begin_immediately)
    return engine


def engine_that_reads(url: URL, *, size: int) -> Engine:
    """Return an engine for queries that need no transaction; each sees what was committed when it began."""
    return _engine(url, size=size, isolation_level="AUTOCOMMIT")


def begin(connection: Connection, *, is_durable: bool) -> None:
    """Begin a transaction. One that is not durable is not waited for by the disk: a later one that is carries it along.

    Whatever it is, it survives the end of this process; it is the loss of power that may undo it.
    """
    if connection.dialect.name == "sqlite":
        driver = cast("sqlite3.Connection", connection.connection.driver_connection)
        if connection.info.get("is_durable") != is_durable:  # it cannot be set within a transaction
            driver.execute(f"PRAGMA synchronous = {'FULL' if is_durable else 'NORMAL'}")
            connection.info["is_durable"] = is_durable
        connection.begin()
        return
    connection.begin()
    if not is_durable:
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


def prepare_file(path: Path, *, name: str) -> None:
    """Make SQLite's folder and file, where they are missing, for the owner's eyes only: engines' logins are in it.

    Raises:
        DatabaseUnavailableError: they cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_file(path)
    except OSError as error:
        raise DatabaseUnavailableError(name, error.strerror or str(error)) from error


def _make_file(path: Path) -> None:
    """Make an empty file, unless somebody else just did.

    It gets its name only once it is closed. Whoever closes a file gives up every lock that the process has on it, and
    those of SQLite with them: another process would then take the database for its own, and delete the log.
    """
    beside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    _touch(beside)
    try:
        path.hardlink_to(beside)
    except FileExistsError:
        pass
    except OSError:  # a file system without links; then it is safe but for whoever opens it at the same moment
        with contextlib.suppress(FileExistsError):
            _touch(path)
    finally:
        beside.unlink()


def _touch(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _refused(what: str) -> InvalidParameterError:
    return InvalidParameterError("the jobs' database", what, "sqlite:///FILE or postgresql://USER@HOST/NAME")


def _engine(url: URL, *, size: int, **how: Any) -> Engine:
    options: dict[str, Any] = {"pool_size": size, "max_overflow": 0, **how}
    if url.get_backend_name() == "postgresql":
        options["connect_args"] = {"client_encoding": ENCODING}
    try:
        engine = create_engine(url, **options)
    except ModuleNotFoundError as error:
        raise MissingExtraError("a PostgreSQL database", "postgres") from error
    is_sqlite = engine.dialect.name == "sqlite"
    event.listen(engine, "connect", _set_up_sqlite if is_sqlite else _set_up_postgresql)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say so
    for pragma in (
        f"busy_timeout={_BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",  # what was acknowledged survives a power cut
        "foreign_keys=ON",
        f"journal_size_limit={_LARGEST_LOG}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _set_up_postgresql(connection: psycopg.Connection, _record: object) -> None:
    # Every query here has an index. Until a table that grew was analysed, PostgreSQL would rather read all of it.
    connection.execute("SET enable_seqscan = off")
    connection.execute("SET jit = off")
    connection.commit()


def _begin_immediately(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
