"""Reads generations and favorites out of the tables."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select

from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.sql.rows import ARTIFACT, artifact_of, fields_of
from comfy_gen.jobs.tables import artifacts, favorites, generations, jobs, recipes, takes
from comfy_gen.library.generation import Favorite, Generation
from comfy_gen.pipeline.record import ModelFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Select

    from comfy_gen.jobs.sql.rows import AnyRow
    from comfy_gen.pipeline.artifact import Artifact

_OF_JOB = tuple(jobs.c[name] for name in ("title", "state", "timings", "notes", "quality", "take"))
_IS_ITS_TAKE = and_(takes.c.job_id == generations.c.job_id, takes.c.number == jobs.c.take)
_OF_FAVORITE = ("favorite_id", "rating", "feedback", "tags", "created", "updated")

GENERATION = (
    select(
        *generations.c,
        recipes.c.body,
        *_OF_JOB,
        takes.c.changes,
        *(favorites.c[name].label(f"of_favorite_{name}") for name in _OF_FAVORITE),
    )
    .join(jobs, jobs.c.job_id == generations.c.job_id)
    .join(recipes, recipes.c.digest == generations.c.recipe)
    .outerjoin(takes, _IS_ITS_TAKE)
    .outerjoin(favorites, favorites.c.job_id == generations.c.job_id)
)
"""Everything of a generation but its artifacts: for `read`."""


def read(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[Generation]:
    """Return the generations that a query, made of `GENERATION`, finds."""
    rows = connection.execute(query).all()
    made = artifacts_by_job(connection, [row.job_id for row in rows])
    return [_generation(fields_of(row), made[row.job_id]) for row in rows]


def artifacts_by_job(connection: Connection, job_ids: Sequence[str]) -> Mapping[str, list[Artifact]]:
    """Return the artifacts that are these jobs' results, in their order."""
    query = select(*ARTIFACT).join(jobs, jobs.c.job_id == artifacts.c.job_id)
    query = query.where(artifacts.c.job_id.in_(job_ids), artifacts.c.take == jobs.c.take)
    query = query.order_by(artifacts.c.job_id, artifacts.c.place)
    found: dict[str, list[Artifact]] = defaultdict(list)
    for row in _rows(connection, query) if job_ids else ():
        artifact = artifact_of(row)
        found[artifact.job_id].append(artifact)
    return found


def _rows(connection: Connection, query: Select[*tuple[Any, ...]]) -> Iterable[AnyRow]:
    return connection.execute(query)


def _generation(row: Mapping[Any, Any], made: Sequence[Artifact]) -> Generation:
    same = ("created", "owner", "title", "workflow", "workflow_digest", "prompt", "negative_prompt", "tier", "engine")
    more = ("comfyui_version", "version", "timings", "repeats", "run_id", "tell_at", "tries", "trouble")
    judged = ("passed", "score", "take")
    return Generation(
        **{name: row[name] for name in (*same, *more, *judged)},
        generation_id=JobId(row["job_id"]),
        state=JobState(row["state"]),
        recipe=row["body"],
        recipe_id=f"sha256:{row['recipe']}",
        seed=int(row["seed"]) if row["seed"] else None,
        models=tuple(ModelFile.from_json(one) for one in row["models"]),
        verdicts=tuple(row["verdicts"]),
        changes=row["changes"] or {},
        takes=1 if row["quality"] is None else row["quality"]["takes"],
        notes=tuple(row["notes"]),
        artifacts=tuple(made),
        favorite=_favorite(row, made),
    )


def _favorite(row: Mapping[Any, Any], made: Sequence[Artifact]) -> Favorite | None:
    if row["of_favorite_favorite_id"] is None:
        return None
    own: dict[str, Any] = {name: row[f"of_favorite_{name}"] for name in _OF_FAVORITE}
    own["tags"] = tuple(own["tags"])
    return Favorite(
        **own,
        generation_id=JobId(row["job_id"]),
        owner=row["owner"],
        recipe_id=f"sha256:{row['recipe']}",
        categories=tuple(row["body"].get("categories", ())),
        artifact=made[0] if made else None,
    )
