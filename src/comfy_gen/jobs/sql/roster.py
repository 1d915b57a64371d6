"""The engines of the fleet, as they were entered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from comfy_gen.engines.registry import EngineEntry
from comfy_gen.errors import DuplicateEngineError, EngineNotFoundError
from comfy_gen.jobs.signals import ENGINES
from comfy_gen.jobs.tables import engines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from comfy_gen.jobs.sql.change import Change
    from comfy_gen.jobs.sql.rows import AnyRow


def all_engines(connection: Connection) -> list[EngineEntry]:
    """Return them by name."""
    return [_entry(row) for row in connection.execute(select(*engines.c).order_by(engines.c.name))]


def add_engine(change: Change, entry: EngineEntry) -> None:
    """Enter one more.

    Raises:
        DuplicateEngineError: the name is taken.
    """
    if entry.name in _names(change.connection):
        raise DuplicateEngineError(entry.name)
    change.connection.execute(insert(engines).values(_row(entry)))
    change.tell(ENGINES)


def enter_engines(change: Change, entries: Sequence[EngineEntry]) -> None:
    """See that these are entered as they are here; one that is draining already goes on draining."""
    known = {entry.name: entry for entry in all_engines(change.connection)}
    for entry in entries:
        wanted = replace(entry, state=known[entry.name].state) if entry.name in known else entry
        if known.get(entry.name) == wanted:
            continue
        change.connection.execute(delete(engines).where(engines.c.name == entry.name))
        change.connection.execute(insert(engines).values(_row(wanted)))
        change.tell(ENGINES)


def set_engine_state(change: Change, name: str, state: str) -> None:
    """Have an engine finish what it has, or work again.

    Raises:
        EngineNotFoundError: there is none of this name.
    """
    _check_known(change.connection, name)
    change.connection.execute(update(engines).where(engines.c.name == name).values(state=state))
    change.tell(ENGINES)


def move_engine(change: Change, name: str, url: str) -> None:
    """Have an engine be at another address.

    Raises:
        EngineNotFoundError: there is none of this name.
    """
    _check_known(change.connection, name)
    change.connection.execute(update(engines).where(engines.c.name == name).values(url=url))
    change.tell(ENGINES)


def remove_engine(change: Change, name: str) -> None:
    """Strike an engine off.

    Raises:
        EngineNotFoundError: there is none of this name.
    """
    _check_known(change.connection, name)
    change.connection.execute(delete(engines).where(engines.c.name == name))
    change.tell(ENGINES)


def _check_known(connection: Connection, name: str) -> None:
    names = _names(connection)
    if name not in names:
        raise EngineNotFoundError(name, names)


def _names(connection: Connection) -> list[str]:
    return [*connection.execute(select(engines.c.name).order_by(engines.c.name)).scalars()]


def _row(entry: EngineEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "url": entry.url,
        "tags": list(entry.tags),
        "weight": entry.weight,
        "depth": entry.depth,
        "state": entry.state,
    }


def _entry(row: AnyRow) -> EngineEntry:
    return EngineEntry(row.name, row.url, tuple(row.tags), row.weight, row.depth, row.state)
