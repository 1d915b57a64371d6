"""What is switched on or off for all jobs: whether the queue is paused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, insert, not_, select

from comfy_gen.jobs.signals import QUEUE, WISHES
from comfy_gen.jobs.tables import switches

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from comfy_gen.jobs.sql.change import Change

_PAUSED = exists(select(switches.c.name).where(switches.c.name == "paused"))
_IS_PAUSED = select(_PAUSED)


def is_not_paused() -> ColumnElement[bool]:
    """Return the condition that jobs may start."""
    return not_(_PAUSED)


def is_paused(connection: Connection) -> bool:
    """Tell whether no job starts."""
    return connection.execute(_IS_PAUSED).scalar_one()


def set_paused(change: Change, *, is_wanted: bool) -> None:
    """Have no job start, or have them start again."""
    change.connection.execute(delete(switches).where(switches.c.name == "paused"))
    if is_wanted:
        change.connection.execute(insert(switches).values(name="paused", value="yes"))
    change.tell(QUEUE, WISHES)
