"""The workflows that people keep, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from comfy_gen.jobs.sql.rows import fields_of
from comfy_gen.jobs.tables import workflows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

_WITHOUT_GRAPH = tuple(column for column in workflows.c if column.name != "workflow")


def find(connection: Connection, name: str) -> Mapping[str, Any] | None:
    """Return the row of this name."""
    row = connection.execute(select(*workflows.c).where(workflows.c.name == name)).one_or_none()
    return None if row is None else fields_of(row)


def owner_of(connection: Connection, name: str) -> str | None:
    """Return whose the workflow of this name is; None where there is none."""
    return connection.execute(select(workflows.c.owner).where(workflows.c.name == name)).scalar_one_or_none()


def names(connection: Connection) -> list[str]:
    """Return all names."""
    return list(connection.execute(select(workflows.c.name)).scalars())


def all_cards(connection: Connection) -> list[Mapping[str, Any]]:
    """Return all rows by their names, without the graphs."""
    query = select(*_WITHOUT_GRAPH).order_by(workflows.c.name)
    return [fields_of(row) for row in connection.execute(query)]


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write a row that is not there yet."""
    connection.execute(insert(workflows).values(**values))


def replace(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write a row again, but for when it was made and whose it is."""
    changed = {name: values[name] for name in ("card", "workflow", "updated")}
    connection.execute(update(workflows).where(workflows.c.name == values["name"]).values(**changed))


def remove(connection: Connection, name: str) -> None:
    """Delete a row."""
    connection.execute(delete(workflows).where(workflows.c.name == name))
