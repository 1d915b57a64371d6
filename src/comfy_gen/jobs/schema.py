"""Brings a database to the schema of this version: a new one at once, others by the migrations in `migrations`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from comfy_gen.errors import DatabaseVersionError
from comfy_gen.jobs.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

HEAD = "0008"
"""The newest migration; a test compares it with the folder's. Known here, so that most starts need not read them."""

_LOCK = 7_203_114_522
"""PostgreSQL's advisory lock, held by the process that migrates."""


def bring_up_to_date(connection: Connection, *, shown: str) -> None:
    """Make the tables, or change them to what this version needs, in the transaction of the connection.

    Raises:
        DatabaseVersionError: a newer version was here; ``shown`` names the database in it.
    """
    if _revision(connection) == HEAD:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    found = _revision(connection)
    if found is None:
        _make_tables(connection)
    elif found != HEAD:
        _migrate(connection, found, shown)


def _make_tables(connection: Connection) -> None:
    """Make them as they are now, which takes a tenth of making them as they once were and changing them."""
    metadata.create_all(connection, checkfirst=False)
    connection.execute(
        text(
            "CREATE TABLE IF NOT EXISTS alembic_version"
            " (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def _migrate(connection: Connection, found: str, shown: str) -> None:
    # Late: it takes longer to load than all else that a command does, and most starts need none of it.
    from alembic import command  # noqa: PLC0415

    config = _config(connection)
    if found not in _known(config):
        raise DatabaseVersionError(shown, found)
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    """Return the newest migration that was made, from where Alembic notes it; None in a database that is new."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _known(config: Config) -> set[str]:
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
