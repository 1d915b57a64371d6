"""Counts what the generations of a library can be told apart by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVarTuple

from sqlalchemy import func, select

from comfy_gen.jobs.sql.generations import CATEGORY, MODEL
from comfy_gen.jobs.tables import favorites, generations, labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Select, Table

Ts = TypeVarTuple("Ts")

MOST = 200
"""Names of a kind."""


@dataclass(frozen=True, slots=True)
class Facet:
    """A name, and how many generations it is of."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What there is to choose of; of each kind the most frequent, those first."""

    total: int
    favorites: int
    categories: Sequence[Facet]
    models: Sequence[Facet]
    tags: Sequence[Facet]
    """Of favorites."""
    workflows: Sequence[Facet]
    """By name."""


def read_facets(connection: Connection, owner: str | None) -> Facets:
    """Return what there is in everybody's library, or an owner's."""
    return Facets(
        total=connection.execute(_of(owner, select(func.count()).select_from(generations))).scalar_one(),
        favorites=connection.execute(_of(owner, select(func.count()).select_from(favorites), favorites)).scalar_one(),
        categories=_labels(connection, owner, CATEGORY),
        models=_labels(connection, owner, MODEL),
        tags=_tags(connection, owner),
        workflows=_workflows(connection, owner),
    )


def ranked(found: Iterable[tuple[str, int]]) -> list[Facet]:
    """Return the most frequent names, those first; of equals, in the order of the alphabet."""
    facets = [Facet(name, number) for name, number in found if name]
    return sorted(facets, key=lambda facet: (-facet.count, facet.name))[:MOST]


def _labels(connection: Connection, owner: str | None, kind: str) -> Sequence[Facet]:
    query = select(labels.c.name, func.count()).where(labels.c.kind == kind).group_by(labels.c.name)
    if owner is not None:
        # Their ids are read from an index at once; a join would look up the generation of each label.
        query = query.where(labels.c.job_id.in_(select(generations.c.job_id).where(generations.c.owner == owner)))
    return ranked(connection.execute(query))


def _workflows(connection: Connection, owner: str | None) -> Sequence[Facet]:
    query = select(generations.c.workflow, func.count()).group_by(generations.c.workflow)
    return ranked(connection.execute(_of(owner, query)))


def _tags(connection: Connection, owner: str | None) -> Sequence[Facet]:
    # Those who tag do so alike: there are far fewer lists of tags than favorites.
    query = select(favorites.c.tags, func.count()).group_by(favorites.c.tags)
    found: Counter[str] = Counter()
    for tags, number in connection.execute(_of(owner, query, favorites)):
        found.update(dict.fromkeys(tags, number))
    return ranked(found.items())


def _of(owner: str | None, query: Select[*Ts], table: Table = generations) -> Select[*Ts]:
    return query if owner is None else query.where(table.c.owner == owner)
