"""Reads what a gallery shows of each generation, and no more: thousands of them are leafed through."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, func, select

from comfy_gen.jobs.sql.rows import fields_of
from comfy_gen.jobs.tables import artifacts, favorites, generations, jobs
from comfy_gen.library.searching import conditions, count, tables_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

    from comfy_gen.jobs.sql.rows import AnyRow
    from comfy_gen.library.generation import Query

LONGEST_PROMPT = 300
"""Characters of a prompt that a tile has."""


class Order(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    RATING = "rating"
    """The best rated, then those that are no favorites."""
    SCORE = "score"
    """Those that are most like their prompts, then those that nothing compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A generation as a gallery shows it."""

    id: str
    created: float
    title: str
    prompt: str
    """The beginning of it."""
    artifact_id: str | None = None
    """Of its first picture, or of its first file if it has no picture; None if it has no files."""
    media_type: str | None = None
    width: int | None = None
    height: int | None = None
    has_thumbnail: bool = False
    files: int = 0
    rating: int | None = None
    favorite_id: str | None = None
    tags: tuple[str, ...] = ()
    passed: bool | None
    score: float | None
    seed: int | None
    workflow: str


@dataclass(frozen=True, slots=True)
class Tiles:
    """A part of a gallery."""

    tiles: Sequence[Tile]
    total: int
    """How many there are in all of it."""


def read_tiles(connection: Connection, query: Query, order: Order, limit: int, offset: int) -> Tiles:
    """Return some of the generations that fit, and how many do."""
    # Their ids first: to find these reads an index where it can, and never the rows that come before the page.
    ids = connection.execute(_places(query, order).limit(limit).offset(offset)).scalars().all()
    found = {row.job_id: row for row in _rows(connection, _TILE.where(generations.c.job_id.in_(ids)))} if ids else {}
    files = _files(connection, ids)
    is_last = len(ids) < limit and (len(ids) > 0 or offset == 0)  # then how many there are is known
    total = offset + len(ids) if is_last else count(connection, query)
    return Tiles([_tile(found[one], files[one]) for one in ids if one in found], total)


_TILE = (
    select(
        *(generations.c[name] for name in ("job_id", "created", "passed", "score", "seed", "workflow")),
        func.substr(generations.c.prompt, 1, LONGEST_PROMPT, type_=Text).label("prompt"),
        jobs.c.title,
        *(favorites.c[name] for name in ("favorite_id", "rating", "tags")),
    )
    .join(jobs, jobs.c.job_id == generations.c.job_id)
    .outerjoin(favorites, favorites.c.job_id == generations.c.job_id)
)
_FILE = select(
    *(artifacts.c[name] for name in ("job_id", "artifact_id", "media_type", "width", "height")),
    artifacts.c.thumbnail_key.is_not(None).label("has_thumbnail"),
).join(jobs, jobs.c.job_id == artifacts.c.job_id)


def _places(query: Query, order: Order) -> Select[str]:
    tables = tables_of(query, by_rating=order is Order.RATING)
    return select(generations.c.job_id).select_from(tables).where(*conditions(query)).order_by(*_order(order))


def _order(order: Order) -> Iterable[ColumnElement[Any]]:
    created, job_id = generations.c.created, generations.c.job_id
    if order is Order.OLDEST:
        return created, job_id
    first = {Order.RATING: [favorites.c.rating.desc().nulls_last()], Order.SCORE: [_BEST]}
    return *first.get(order, []), created.desc(), job_id.desc()


_BEST = generations.c.score.desc().nulls_last()


def _files(connection: Connection, ids: Sequence[str]) -> Mapping[str, list[AnyRow]]:
    query = _FILE.where(artifacts.c.job_id.in_(ids), artifacts.c.take == jobs.c.take)
    found: dict[str, list[AnyRow]] = defaultdict(list)
    for row in _rows(connection, query.order_by(artifacts.c.job_id, artifacts.c.place)) if ids else ():
        found[row.job_id].append(row)
    return found


def _rows(connection: Connection, query: Select[*tuple[Any, ...]]) -> Iterable[AnyRow]:
    return connection.execute(query)


def _tile(row: AnyRow, files: Sequence[AnyRow]) -> Tile:
    told = dict(fields_of(row))
    return Tile(
        **{name: told[name] for name in ("created", "title", "prompt", "rating", "favorite_id", "workflow")},
        **{name: told[name] for name in ("passed", "score")},
        **_picture(files),
        id=told["job_id"],
        files=len(files),
        tags=tuple(told["tags"] or ()),
        seed=int(told["seed"]) if told["seed"] else None,
    )


def _picture(files: Sequence[AnyRow]) -> Mapping[str, Any]:
    """Return what stands for a generation: the first file that can be looked at, or else the first."""
    first = next((one for one in files if one.has_thumbnail), files[0] if files else None)
    if first is None:
        return {}
    names = ("artifact_id", "media_type", "width", "height")
    return {**{name: getattr(first, name) for name in names}, "has_thumbnail": bool(first.has_thumbnail)}
