"""The webhooks that are to be sent: written with the end that they tell of, kept until they arrived."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from comfy_gen.jobs.ids import delivery_id_of
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Delivery
from comfy_gen.jobs.sql.rows import fields_of
from comfy_gen.jobs.tables import jobs, outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from comfy_gen.jobs.job import Artifact, Job
    from comfy_gen.jobs.sql.change import Change
    from comfy_gen.jobs.sql.rows import AnyRow

_COLUMNS = tuple(outbox.c)


def announce(change: Change, ended: Sequence[Job], *, now: float, artifacts: Sequence[Artifact] = ()) -> None:
    """Write a webhook for each of these jobs that wants one; ``artifacts`` are those of a single job."""
    wanting = {job.job_id: job for job in ended if job.webhook_url is not None}
    if not wanting:
        return
    query = select(jobs.c.job_id, jobs.c.run, jobs.c.webhook).where(jobs.c.job_id.in_(wanting))
    rows = [
        {
            "delivery_id": delivery_id_of(job_id, wanting[job_id].state, run),
            "job_id": job_id,
            "state": wanting[job_id].state,
            "url": webhook["url"],
            "extra_params": webhook["extra_params"],
            "body": _body(wanting[job_id], artifacts),
            "created": now,
            "tries": 0,
            "next_at": now,
            "error": "",
            "is_done": False,
        }
        for job_id, run, webhook in change.connection.execute(query)
    ]
    change.connection.execute(insert(outbox), rows)


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
    """Write how a try went, and when the next one is due."""
    tried = {"tries": outbox.c.tries + 1, "tried": now, "status": status, "error": error}
    coming = {"next_at": None if is_done else next_at, "is_done": is_done}
    connection.execute(update(outbox).where(outbox.c.delivery_id == delivery_id).values({**tried, **coming}))


def deliveries(connection: Connection, job_id: str) -> list[Delivery]:
    """Return the webhooks of a job, oldest first."""
    query = select(*_COLUMNS).where(outbox.c.job_id == job_id).order_by(outbox.c.created)
    return [_delivery(row) for row in connection.execute(query)]


def _delivery(row: AnyRow) -> Delivery:
    values: dict[str, Any] = {**fields_of(row)}
    values["state"] = JobState(values["state"])
    return Delivery(**values)


def _body(job: Job, artifacts: Sequence[Artifact]) -> dict[str, Any]:
    names = ("job_id", "state", "title", "created", "started", "ended", "engine", "notes")
    return {
        **{name: getattr(job, name) for name in names},
        "metadata": dict(job.metadata),
        "failure": job.failure and job.failure.as_json(),
        "timings": dict(job.timings),
        "artifacts": [dataclasses.asdict(one) for one in artifacts],
    }
