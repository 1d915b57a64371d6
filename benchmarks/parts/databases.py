"""The databases that jobs are kept in: SQLite, and PostgreSQL with its usual settings where it is installed."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.finding import LeftOut
from tests.components import find_program
from tests.postgres import FOLDERS, INSTALL, serve_postgres

if TYPE_CHECKING:
    from collections.abc import Generator

POSTGRES_LEFT_OUT = LeftOut("PostgreSQL", f"it is not installed: {INSTALL}")


def has_postgres() -> bool:
    """Tell whether this machine has a PostgreSQL to start."""
    return find_program("initdb", *FOLDERS) is not None


@contextmanager
def sqlite() -> Generator[str]:
    """Give the URL of a database that goes with the block."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/comfygen.db"


@contextmanager
def postgres() -> Generator[str]:
    """Give the URL of a database on a server of its own."""
    with serve_postgres(settings={}) as server, server.database() as url:
        yield url
