"""A PostgreSQL of the tests' own: on a socket in its own folder, without a port, gone when the tests are.

Each worker of pytest-xdist has one; a test gets a database in it, which is dropped afterwards.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.components import find_program, require, together

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

INSTALL = "apt-get install postgresql"
FOLDERS = ("/usr/lib/postgresql/*/bin",)
_USUAL = {"listen_addresses": "", "max_connections": "100"}
_HASTY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "deadlock_timeout": "50ms",
    "autovacuum": "off",  # databases live for a test; it would only keep them from being dropped
}
"""For tests: nothing has to outlive them."""
_SECONDS = 30.0


class Postgres:
    """A running server."""

    def __init__(self, programs: Path, folder: Path, settings: Mapping[str, str]) -> None:
        self._programs = programs
        self._settings = settings
        self._folder = folder
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Make the folder of a new server."""
        if os.getuid() == 0:  # a PostgreSQL refuses to run as root
            shutil.chown(self._folder, "postgres", "postgres")
        command = [self._programs / "initdb", "--pgdata", self._data, "--username=postgres", "--auth=trust"]
        options = ["--encoding=UTF8", "--no-locale", "--no-sync"]
        subprocess.run([*command, *options], check=True, capture_output=True, **_identity())

    def start(self) -> None:
        """Start it, and wait until it answers."""
        given = {**_USUAL, **self._settings}
        settings = [text for name, value in given.items() for text in ("-c", f"{name}={value}")]
        command = [*together("INT"), self._programs / "postgres", "-D", self._data, "-k", self._folder, *settings]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **_identity())
        deadline = time.monotonic() + _SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._folder / "log").read_text(errors="replace"))
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT breaks connections off in good order, SIGQUIT as a crash does."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_SECONDS)
            self._process = None

    def crash(self) -> None:
        """Have it end without a farewell: what is not committed is lost, and its log is read when it starts again."""
        self.stop(signal.SIGQUIT)

    @contextmanager
    def database(self, options: str = "") -> Generator[str]:
        """Make an empty database, give its URL, and drop it whoever still uses it."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} STRATEGY file_copy {options}")
        try:
            yield f"postgresql://postgres@/{name}?host={self._folder}"
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def empty(self, url: str) -> None:
        """Delete all rows of a database of this server, but keep its tables: a tenth of the time of a new one."""
        import psycopg

        ours = "schemaname = 'public' AND tablename <> 'alembic_version'"
        with psycopg.connect(url) as connection:
            connection.execute("SET session_replication_role = replica")  # in any order, whoever refers to whom
            for (name,) in connection.execute(f"SELECT tablename FROM pg_tables WHERE {ours}").fetchall():  # pyright: ignore[reportCallIssue, reportArgumentType]
                connection.execute(f'DELETE FROM "{name}"')  # pyright: ignore[reportCallIssue, reportArgumentType]

    def _run(self, statement: str) -> None:
        import psycopg  # here: most test runs need no database

        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(statement)  # pyright: ignore[reportCallIssue]  # the name is made here

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self._conninfo).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def _conninfo(self) -> str:
        return f"user=postgres dbname=postgres host={self._folder}"


@contextmanager
def serve_postgres(settings: Mapping[str, str] = _HASTY) -> Generator[Postgres]:
    """Run a server for the length of the block. Skips or fails the test where PostgreSQL is not installed."""
    programs = find_program("initdb", *FOLDERS)
    require(programs, "PostgreSQL", INSTALL)
    # A short path: a socket's may have 107 characters, and pytest's own folders take most of them.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server = Postgres(programs.resolve().parent, folder, settings)
    try:
        server.prepare()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this process's tests."""
    with serve_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty database of the test's own."""
    with postgres.database() as url:
        yield url


@pytest.fixture(scope="session")
def _postgres_to_share(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as url:
        yield url


@pytest.fixture
def shared_postgres_url(postgres: Postgres, _postgres_to_share: str) -> str:
    """The URL of a database without rows, for tests that change no table: they have it one after the other."""
    postgres.empty(_postgres_to_share)
    return _postgres_to_share


def _identity() -> dict[str, Any]:
    """Return under whose name to run a program: root's is not accepted."""
    if os.getuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
