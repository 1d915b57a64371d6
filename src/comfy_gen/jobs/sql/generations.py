"""What is written of a generation, in the transaction that ends its job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from comfy_gen.jobs.tables import favorites, generations, jobs, labels, recipes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.records import Finish
    from comfy_gen.pipeline.record import GenerationRecord

CATEGORY, MODEL = "category", "model"
"""The kinds of labels."""
_RENEWED = 86_400.0
"""Seconds after which a recipe that is kept again is as good as new: not at each time, for that is a write."""

# Made once, for to make such a statement takes longer than to carry it out.
_RECIPE_AGE = select(recipes.c.created).where(recipes.c.digest == bindparam("of"))
_RENEW_RECIPE = update(recipes).where(recipes.c.digest == bindparam("of")).values(created=bindparam("now"))
_ADD_RECIPE = insert(recipes)
_ADD = insert(generations)
_ADD_LABELS = insert(labels)
_FORGET = delete(generations).where(generations.c.job_id == bindparam("of"))
_FORGET_LABELS = delete(labels).where(labels.c.job_id == bindparam("of"))
_TELL = update(generations).where(generations.c.job_id == bindparam("of")).values(tell_at=bindparam("at"), tries=0)
_KEPT = select(favorites.c.job_id).where(favorites.c.job_id.in_(bindparam("of", expanding=True)))
_LOCK = select(jobs.c.job_id).where(jobs.c.job_id.in_(bindparam("of", expanding=True))).order_by(jobs.c.seq)


def record(connection: Connection, job: Job, ending: Finish, *, now: float) -> None:
    """Write how a job's pictures were made, if it is known.

    What was written before is forgotten: a job that was begun afresh has other pictures, or none.
    """
    job_id, given = job.job_id, ending.record
    if job.attempt > 1:
        forget(connection, job_id)
    if given is None:
        return
    keep_recipe(connection, given.digest, dict(given.recipe), now=now)
    connection.execute(_ADD, _row(job, given, ending, now))
    found_by = [(CATEGORY, name) for name in given.categories] + [(MODEL, model.file) for model in given.models]
    if found_by:
        rows = [{"job_id": job_id, "kind": kind, "name": name} for kind, name in dict.fromkeys(found_by)]
        connection.execute(_ADD_LABELS, rows)


def forget(connection: Connection, job_id: str) -> None:
    """Forget how a job's pictures were made."""
    connection.execute(_FORGET, {"of": job_id})
    connection.execute(_FORGET_LABELS, {"of": job_id})


def keep_recipe(connection: Connection, digest: str, body: object, *, now: float) -> None:
    """Write a recipe that is not there yet; one that was kept long ago is kept for as long as a new one.

    Where another process writes the same at the same moment, the transaction begins anew, and finds it.
    """
    created = connection.execute(_RECIPE_AGE, {"of": digest}).scalar()
    if created is None:
        connection.execute(_ADD_RECIPE, {"digest": digest, "body": body, "created": now})
    elif created < now - _RENEWED:
        connection.execute(_RENEW_RECIPE, {"of": digest, "now": now})


def tell(connection: Connection, job_id: str, *, at: float | None) -> None:
    """Have MLflow be told of a generation at a moment, as if it had not been tried before."""
    connection.execute(_TELL, {"of": job_id, "at": at})


def lock(connection: Connection, job_ids: Iterable[str]) -> None:
    """Have others wait who would make favorites of these jobs, or forget their pictures, until this transaction ends.

    What is read from here on is as they left it. In SQLite they wait since it began.
    """
    connection.execute(_LOCK.with_for_update(), {"of": [*job_ids]})


def kept(connection: Connection, job_ids: Iterable[str]) -> set[str]:
    """Return those of these jobs that are favorites."""
    return {*connection.execute(_KEPT, {"of": [*job_ids]}).scalars()}


def _row(job: Job, given: GenerationRecord, ending: Finish, now: float) -> dict[str, object]:
    found: Mapping[str, Any] = ending.quality or {}
    return {
        "job_id": job.job_id,
        "created": now,
        "owner": job.owner,
        "recipe": given.digest,
        "workflow": given.workflow,
        "workflow_digest": given.workflow_digest,
        "prompt": given.prompt,
        "negative_prompt": given.negative_prompt,
        "seed": "" if given.seed is None else str(given.seed),
        "tier": given.tier,
        "models": [model.as_json() for model in given.models],
        "engine": given.engine,
        "comfyui_version": given.comfyui_version,
        "version": given.version,
        "verdicts": [dict(verdict) for verdict in ending.verdicts],
        "passed": found.get("passed"),
        "score": found.get("score"),
        "repeats": given.repeats,
        "tell_at": now if given.is_tracked else None,
    }
