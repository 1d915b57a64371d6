"""The webhooks that are to be sent, and those that were: kept until their job is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, or_, select, true, update

from comfy_gen.errors import DeliveryNotFoundError, InvalidParameterError
from comfy_gen.jobs.announcement import END, PROGRESS
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Delivery, DeliveryPage, DeliveryState
from comfy_gen.jobs.sql.rows import fields_of
from comfy_gen.jobs.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from comfy_gen.jobs.sql.rows import AnyRow

_COLUMNS = tuple(outbox.c)
_SHORTEST = 4
"""Characters of the beginning of an id by which a webhook may be named."""
_IS_WAITING = outbox.c.next_at.is_not(None)
_IS_GIVEN_UP = and_(~outbox.c.is_done, outbox.c.next_at.is_(None))
_STANDINGS: dict[DeliveryState, ColumnElement[bool]] = {
    DeliveryState.PENDING: _IS_WAITING,
    DeliveryState.DELIVERED: outbox.c.is_done,
    DeliveryState.DEAD: and_(_IS_GIVEN_UP, outbox.c.event == END),
    DeliveryState.DROPPED: and_(_IS_GIVEN_UP, outbox.c.event == PROGRESS),
}


# --- sent


def due(connection: Connection, limit: int, *, now: float, lease: float) -> list[Delivery]:
    """Take webhooks that are to be sent now. Nobody else gets them for as long as the lease."""
    is_due = outbox.c.next_at <= now
    oldest = select(outbox.c.delivery_id).where(is_due).order_by(outbox.c.next_at).limit(limit)
    ids = connection.execute(oldest.with_for_update(skip_locked=True)).scalars().all()
    if not ids:
        return []
    take = update(outbox).where(outbox.c.delivery_id.in_(ids), is_due).values(next_at=now + lease)
    found = [_delivery(row) for row in connection.execute(take.returning(*_COLUMNS))]
    return sorted(found, key=lambda one: one.created)


def is_any_due(connection: Connection, *, now: float) -> bool:
    """Tell whether there is a webhook to send."""
    return connection.execute(select(outbox.c.delivery_id).where(outbox.c.next_at <= now).limit(1)).first() is not None


def record_delivery(
    connection: Connection,
    delivery_id: str,
    *,
    status: int | None,
    error: str,
    now: float,
    next_at: float | None,
    is_done: bool,
) -> None:
    """Write how a try went, and when the next one is due; none is for what was dropped while it was on its way.

    What was delivered stays so: where a sender stood still, its try may fail long after another's went well.
    """
    tried = {"tries": outbox.c.tries + 1, "tried": now, "status": status, "error": error}
    again = None if is_done or next_at is None else case((_IS_WAITING, next_at), else_=None)
    statement = update(outbox).where(outbox.c.delivery_id == delivery_id, true() if is_done else ~outbox.c.is_done)
    connection.execute(statement.values({**tried, "next_at": again, "is_done": is_done}))


# --- looked at


def deliveries(connection: Connection, job_id: str) -> list[Delivery]:
    """Return the webhooks of a job, oldest first."""
    query = select(*_COLUMNS).where(outbox.c.job_id == job_id).order_by(outbox.c.created)
    return [_delivery(row) for row in connection.execute(query)]


def page(connection: Connection, state: DeliveryState | None, limit: int, cursor: str | None) -> DeliveryPage:
    """Return some of the webhooks, newest first.

    Raises:
        InvalidParameterError: the cursor is none of ours.
    """
    query = select(*_COLUMNS).order_by(outbox.c.created.desc(), outbox.c.delivery_id.desc())
    if state is not None:
        query = query.where(_STANDINGS[state])
    if cursor is not None:
        query = query.where(_is_after(cursor))
    found = [_delivery(row) for row in connection.execute(query.limit(limit + 1))]
    shown = found[:limit]
    return DeliveryPage(shown, _cursor_of(shown[-1]) if len(found) > limit else None)


def find(connection: Connection, prefix: str) -> Delivery:
    """Return the webhook whose id begins so.

    Raises:
        DeliveryNotFoundError: none does, or several do, or the beginning is too short to mean one.
    """
    begin = prefix.strip().lower()
    begins_so = outbox.c.delivery_id.startswith(begin, autoescape=True)
    found = connection.execute(select(*_COLUMNS).where(begins_so).limit(2)).all()
    if len(begin) < _SHORTEST or len(found) != 1:
        raise DeliveryNotFoundError(prefix)
    return _delivery(found[0])


def count(connection: Connection) -> dict[DeliveryState, int]:
    """Return how many webhooks are in each state."""
    standing = case(*((condition, str(state)) for state, condition in _STANDINGS.items()))
    rows = connection.execute(select(standing, func.count()).group_by(standing))
    return dict.fromkeys(DeliveryState, 0) | {DeliveryState(state): number for state, number in rows}


# --- sent again


def replayable(connection: Connection, delivery_ids: Sequence[str] | None) -> list[str]:
    """Return the whole ids of those named by theirs or the beginnings of them, or of all that are dead, oldest first.

    Raises:
        DeliveryNotFoundError: one that is named does not exist.
    """
    if delivery_ids is not None:
        return list(dict.fromkeys(find(connection, prefix).delivery_id for prefix in delivery_ids))
    dead = select(outbox.c.delivery_id).where(_STANDINGS[DeliveryState.DEAD]).order_by(outbox.c.created)
    return [*connection.execute(dead).scalars()]


def replay(connection: Connection, delivery_ids: Sequence[str], *, now: float) -> list[Delivery]:
    """Have these sent now, with all tries before them."""
    again = {"tries": 0, "next_at": now, "is_done": False}
    statement = update(outbox).where(outbox.c.delivery_id.in_(delivery_ids)).values(again).returning(*_COLUMNS)
    order = {delivery_id: place for place, delivery_id in enumerate(delivery_ids)}
    found = [_delivery(row) for row in connection.execute(statement)]
    return sorted(found, key=lambda one: order[one.delivery_id])


# --- inside


def _delivery(row: AnyRow) -> Delivery:
    values: dict[str, Any] = {**fields_of(row)}
    values["state"] = JobState(values["state"])
    return Delivery(**values)


def _cursor_of(last: Delivery) -> str:
    return f"{last.created!r}~{last.delivery_id}"


def _is_after(cursor: str) -> ColumnElement[bool]:
    created, _, delivery_id = cursor.partition("~")
    try:
        at = float(created)
    except ValueError as error:
        raise InvalidParameterError("cursor", cursor, "what the page before said comes next") from error
    return or_(outbox.c.created < at, and_(outbox.c.created == at, outbox.c.delivery_id < delivery_id))
