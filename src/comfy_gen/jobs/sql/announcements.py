"""Writes the webhooks of jobs, in the transactions in which what they tell of happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from comfy_gen.jobs.announcement import END, PROGRESS, end_of, progress_of
from comfy_gen.jobs.ids import delivery_id_of, progress_id_of
from comfy_gen.jobs.sql import queries
from comfy_gen.jobs.sql.rows import JOB, job_of
from comfy_gen.jobs.tables import jobs, outbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from comfy_gen.jobs.job import Artifact, Job
    from comfy_gen.jobs.sql.change import Change

OVERTAKEN = "there was newer news"
"""Why news of progress was not sent, or not again."""


def announce(change: Change, ended: Sequence[Job], *, now: float, artifacts: Sequence[Artifact] = ()) -> None:
    """Write a webhook for each of these jobs that wants one; ``artifacts`` are those of a single job."""
    wanting = {job.job_id: job for job in ended if job.webhook_url is not None}
    if not wanting:
        return
    query = select(jobs.c.job_id, jobs.c.run, jobs.c.webhook).where(jobs.c.job_id.in_(wanting))
    rows: list[dict[str, Any]] = []
    overtaken: list[str] = []
    for job_id, run, webhook in change.connection.execute(query):
        job = wanting[job_id]
        delivery_id = delivery_id_of(job_id, job.state, run)
        # What takes have made stays with their job, however that ends.
        made = artifacts if job.quality is None else queries.artifacts_of(change.connection, job_id)
        told = end_of(job, made, now=now) | _shape_of(webhook)
        rows.append(_row(job, webhook, now=now, delivery_id=delivery_id, event=END, body=told))
        if wants_progress(webhook):
            overtaken.append(job_id)
    _drop(change.connection, overtaken)
    change.connection.execute(insert(outbox), rows)


def announce_progress(change: Change, job_id: str, *, now: float, mark: str) -> None:
    """Write a webhook of how far a job is, in the place of one that says less and has not arrived yet.

    ``mark`` tells this news from all other news of the job's run; what was told under the same mark is not told again.
    """
    row = change.connection.execute(select(*JOB, jobs.c.run).where(jobs.c.job_id == job_id)).one()
    if not wants_progress(row.webhook):
        return
    job, delivery_id = job_of(row), progress_id_of(row.job_id, mark, row.run)
    if change.connection.execute(select(outbox.c.job_id).where(outbox.c.delivery_id == delivery_id)).first():
        return
    _drop(change.connection, [job.job_id])
    told = progress_of(job, now=now) | _shape_of(row.webhook)
    news = _row(job, row.webhook, now=now, delivery_id=delivery_id, event=PROGRESS, body=told)
    change.connection.execute(insert(outbox), news)


def wants_progress(webhook: Any) -> bool:
    """Tell whether a webhook, as it is kept with its job, is told of progress, too."""
    return bool(webhook) and webhook.get("wants_progress", False)


def _shape_of(webhook: Mapping[str, Any]) -> dict[str, Any]:
    return {"shape": webhook["shape"]} if webhook.get("shape") else {}


def _row(job: Job, webhook: Mapping[str, Any], *, now: float, **told: Any) -> dict[str, Any]:
    """Return the row of a webhook that is to be sent at once."""
    return {
        "job_id": job.job_id,
        "state": job.state,
        "url": webhook["url"],
        "extra_params": webhook["extra_params"],
        "created": now,
        "tries": 0,
        "next_at": now,
        "error": "",
        "is_done": False,
        **told,
    }


def _drop(connection: Connection, job_ids: Sequence[str]) -> None:
    """Have news of how far these jobs are not sent any more: there is newer news."""
    if job_ids:
        where = outbox.c.job_id.in_(job_ids), outbox.c.event == PROGRESS, outbox.c.next_at.is_not(None)
        connection.execute(update(outbox).where(*where).values(next_at=None, error=OVERTAKEN))
