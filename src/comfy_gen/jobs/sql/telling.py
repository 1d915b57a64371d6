"""Which generations MLflow is yet to be told of, and how the tries at it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, or_, select, update

from comfy_gen.jobs.tables import generations

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


class Taken(NamedTuple):
    """A generation that somebody is about to tell."""

    job_id: str
    tries: int
    """How many failed since it last changed."""
    until: float
    """When others may take it. If it changes meanwhile, its row says another moment, and it is told once more."""
    created: float
    """Which ending of its job it is: one that is begun afresh is another generation, of the same id."""
    run_id: str | None
    """The run that it was, if it was told before."""


def is_any_due(connection: Connection, *, now: float) -> bool:
    """Tell whether there is a generation to tell."""
    query = select(generations.c.job_id).where(generations.c.tell_at <= now).limit(1)
    return connection.execute(query).first() is not None


def next_due(connection: Connection, *, now: float, lease: float) -> Taken | None:
    """Take the one that has waited longest. Nobody else gets it for as long as the lease."""
    is_due = generations.c.tell_at <= now
    oldest = select(generations.c.job_id).where(is_due).order_by(generations.c.tell_at).limit(1)
    job_id = connection.execute(oldest.with_for_update(skip_locked=True)).scalar()
    return None if job_id is None else take(connection, job_id, now=now, lease=lease)


def take(connection: Connection, job_id: str, *, now: float, lease: float) -> Taken | None:
    """Take this one, whether it is due or not; None if it is gone."""
    until = now + lease
    taken = update(generations).where(generations.c.job_id == job_id).values(tell_at=until)
    known = generations.c.tries, generations.c.created, generations.c.run_id
    row = connection.execute(taken.returning(*known)).one_or_none()
    return None if row is None else Taken(job_id, row.tries, until, row.created, row.run_id)


def told(connection: Connection, taken: Taken, run_id: str, *, now: float) -> bool:
    """Write which run it is.

    False if somebody else wrote another meanwhile: that one stands, to be told of what changed, and this is nobody's.
    """
    before = generations.c.run_id.is_not_distinct_from(taken.run_id)
    values = {"run_id": run_id, "tell_at": _unless_changed(taken, None), "tries": 0, "trouble": ""}
    if _write(connection, taken, values, or_(before, generations.c.run_id == run_id)):
        return True
    return not _write(connection, taken, {"tell_at": now})


def troubled(connection: Connection, taken: Taken, trouble: str, *, next_at: float) -> None:
    """Write what kept it from being told, and when to try again."""
    values = {"tell_at": _unless_changed(taken, next_at), "tries": taken.tries + 1, "trouble": trouble}
    _write(connection, taken, values)


def give_back(connection: Connection, taken: Taken, *, now: float) -> None:
    """Have it be due now, as if it had not been taken."""
    _write(connection, taken, {"tell_at": _unless_changed(taken, now)})


def _unless_changed(taken: Taken, at: float | None) -> ColumnElement[Any]:
    return case((generations.c.tell_at == taken.until, at), else_=generations.c.tell_at)


def _write(connection: Connection, taken: Taken, values: dict[str, Any], *where: ColumnElement[bool]) -> bool:
    """Change what was taken, and tell whether it is there still."""
    is_it = generations.c.job_id == taken.job_id, generations.c.created == taken.created
    return connection.execute(update(generations).where(*is_it, *where).values(values)).rowcount > 0
