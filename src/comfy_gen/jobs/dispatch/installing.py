"""Puts procrastinate's tables beside ours, and brings them to the version that is installed."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from procrastinate.schema import SchemaManager

from comfy_gen.jobs.dispatch.rows import INDEXES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

_LOCK = 7_203_114_523
"""PostgreSQL's advisory lock, held by the process that installs."""
_NOTED = """
SELECT obj_description(oid, 'pg_class') FROM pg_class WHERE relname = 'procrastinate_jobs' AND pg_table_is_visible(oid)
"""
"""Not by ``to_regclass``: it remembers that there was no table before we waited for the lock."""
_NOTE = re.compile(r"for comfygen, procrastinate (\S+)")


def install(connection: psycopg.Connection) -> None:
    """Make the tables, or bring them up to date, in the transaction of the connection; fast where they are."""
    installed = version("procrastinate")
    if _found(connection) == installed:
        return
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    found = _found(connection)
    if found == installed:
        return
    for script in _scripts(found, installed):
        connection.execute(script.encode())
    for index in INDEXES:
        connection.execute(index.encode())
    connection.execute(f"COMMENT ON TABLE procrastinate_jobs IS 'for comfygen, procrastinate {installed}'".encode())


def _found(connection: psycopg.Connection) -> str | None:
    """Return the version for which the tables are there, ``""`` if somebody else made them, None if nobody did."""
    row = connection.execute(_NOTED).fetchone()
    if row is None:
        return None
    match = _NOTE.fullmatch(row[0] or "")
    return match[1] if match else ""


def _scripts(found: str | None, installed: str) -> Iterable[str]:
    if found is None:
        yield SchemaManager.get_schema()
    elif found:  # whoever made them without us keeps them up to date
        for path in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql")):
            if _numbers(found) < _numbers(path.name) <= _numbers(installed):
                yield path.read_text(encoding="utf-8")


def _numbers(text: str) -> tuple[int, ...]:
    """Return the version that a name begins with: ``03.04.00_01_pre_add.sql`` is of 3.4.0."""
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])
