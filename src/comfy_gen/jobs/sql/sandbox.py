"""The sandbox that the service itself has as an engine: the switch that it is wanted, with the address it has now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from comfy_gen.jobs.sql import roster
from comfy_gen.jobs.tables import switches

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from comfy_gen.engines.registry import EngineEntry
    from comfy_gen.jobs.sql.change import Change

_SWITCH = "sandbox"


def find(connection: Connection) -> EngineEntry | None:
    """Return its entry; None where it is not wanted any more, or somebody entered another engine in its place."""
    url = connection.execute(select(switches.c.value).where(switches.c.name == _SWITCH)).scalar_one_or_none()
    return next((entry for entry in roster.all_engines(connection) if entry.url == url), None)


def enter(change: Change, entry: EngineEntry, *, instead_of: str | None) -> EngineEntry:
    """Enter it, or have it at another address; return it as it is entered then.

    Of several processes that would have it instead of the same one the first does.

    Raises:
        DuplicateEngineError: another engine has its name.
    """
    known = find(change.connection)
    if known is None:
        roster.add_engine(change, entry)
    elif known.url == instead_of:
        roster.move_engine(change, known.name, entry.url)
    else:
        return known
    change.connection.execute(delete(switches).where(switches.c.name == _SWITCH))
    change.connection.execute(insert(switches).values(name=_SWITCH, value=entry.url))
    return find(change.connection) or entry
