"""Finds generations: by their ids, or by what is known of them."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

from sqlalchemy import Text, and_, false, func, or_, select, type_coerce

from comfy_gen.errors import GenerationNotFoundError, InvalidParameterError
from comfy_gen.jobs.columns import storable
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.sql.generations import CATEGORY, MODEL
from comfy_gen.jobs.tables import favorites, generations, jobs, labels
from comfy_gen.library.generation import GenerationPage
from comfy_gen.library.rows import GENERATION, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, FromClause

    from comfy_gen.library.generation import Generation, Query

_AFTER_ALL = "~"
"""Comes after every character of an id."""
_ID = re.compile(r"[0-9a-f-]{1,64}")
"""What ids of jobs, runs and recipes are made of; PostgreSQL refuses to compare them with some other texts."""
_MOST_CANDIDATES = 20
_NEWEST = generations.c.created.desc(), generations.c.job_id.desc()


def find(connection: Connection, generation_id: str, owner: str | None) -> Generation:
    """Return the generation of an id, or of its beginning, or of a run of MLflow; with an ``owner``, one of theirs.

    Raises:
        GenerationNotFoundError: there is none, or there are several.
    """
    wanted = generation_id.strip().lower()
    where = [or_(_begins(generations.c.job_id, wanted), generations.c.run_id == wanted), *_of(owner)]
    found = read(connection, GENERATION.where(*where).limit(_MOST_CANDIDATES)) if _ID.fullmatch(wanted) else []
    exact = [one for one in found if wanted in (one.generation_id, one.run_id)] or found
    if len(exact) != 1:
        raise GenerationNotFoundError(generation_id, len(exact))
    return exact[0]


def find_all(connection: Connection, generation_ids: Sequence[str], owner: str | None) -> list[Generation]:
    """Return the generations of these ids, in their order; with an ``owner``, theirs.

    Raises:
        GenerationNotFoundError: some of them are not there; it names them.
    """
    wanted = {one: one.strip().lower() for one in generation_ids}
    plausible = [one for one in wanted.values() if _ID.fullmatch(one)]
    query = GENERATION.where(generations.c.job_id.in_(plausible), *_of(owner))
    found = {one.generation_id: one for one in read(connection, query)} if plausible else {}
    missing = [given for given, one in wanted.items() if one not in found]
    if missing:
        raise GenerationNotFoundError(missing[0], others=tuple(missing[1:]))
    return [found[JobId(one)] for one in dict.fromkeys(wanted.values())]


def page(connection: Connection, query: Query, limit: int, cursor: str | None) -> GenerationPage:
    """Return some of the generations that fit, newest first.

    Raises:
        InvalidParameterError: the cursor is none of ours.
    """
    where = [*conditions(query)]
    if cursor is not None:
        created, job_id = _read_cursor(cursor)
        same_moment = and_(generations.c.created == created, generations.c.job_id < job_id)
        where += [generations.c.created <= created, or_(generations.c.created < created, same_moment)]
    found = read(connection, GENERATION.where(*where).order_by(*_NEWEST).limit(limit + 1))
    shown = found[:limit]
    return GenerationPage(shown, _cursor(shown[-1]) if len(found) > limit else None)


def count(connection: Connection, query: Query) -> int:
    """Return how many generations fit."""
    return connection.execute(select(func.count()).select_from(tables_of(query)).where(*conditions(query))).scalar_one()


def tables_of(query: Query, *, by_rating: bool = False) -> FromClause:
    """Return the generations, joined with what the conditions read; ``by_rating`` is for those who sort by it.

    What they do not read is left out: it would be looked up for each of the rows that a page leaves behind.
    """
    joined: FromClause = generations
    if query.text:
        joined = joined.join(jobs, jobs.c.job_id == generations.c.job_id)
    if by_rating or query.is_favorite or query.min_rating is not None or query.tag:
        joined = joined.outerjoin(favorites, favorites.c.job_id == generations.c.job_id)
    return joined


def labelled(kind: str, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a generation has a label of a kind, for which this holds."""
    own = labels.c.job_id == generations.c.job_id, labels.c.kind == kind
    return select(labels.c.job_id).where(*own, *where).exists()


def tagged(tag: str) -> ColumnElement[bool]:
    """Return the condition that a favorite has a tag. Tags hold nothing that JSON would write otherwise."""
    return type_coerce(favorites.c.tags, Text).contains(json.dumps(tag), autoescape=True)


def _of(owner: str | None) -> Iterator[ColumnElement[bool]]:
    if owner is not None:
        yield generations.c.owner == owner


def conditions(query: Query) -> Iterator[ColumnElement[bool]]:
    """Return what must hold of generations that fit; see `tables_of`."""
    yield from _of(query.owner)
    yield from (_has_word(word) for word in dict.fromkeys(query.text.split()))
    if query.category:
        yield labelled(CATEGORY, labels.c.name == query.category)
    if query.model:
        yield labelled(MODEL, _has(labels.c.name, query.model))
    if query.workflow:
        yield generations.c.workflow == query.workflow
    if query.recipe:
        digits = query.recipe.strip().lower().removeprefix("sha256:")
        yield _begins(generations.c.recipe, digits) if _ID.fullmatch(digits) else false()
    yield from _of_time(query)
    yield from _of_quality(query)
    yield from _of_favorite(query)


def _of_time(query: Query) -> Iterator[ColumnElement[bool]]:
    if query.since is not None:
        yield generations.c.created >= query.since
    if query.until is not None:
        yield generations.c.created < query.until


def _of_quality(query: Query) -> Iterator[ColumnElement[bool]]:
    if query.min_score is not None:
        yield generations.c.score >= query.min_score
    if query.passed is not None:
        yield generations.c.passed.is_(query.passed)


def _of_favorite(query: Query) -> Iterator[ColumnElement[bool]]:
    if query.is_favorite:
        yield favorites.c.favorite_id.is_not(None)
    if query.min_rating is not None:
        yield favorites.c.rating >= query.min_rating
    if query.tag:
        yield tagged(query.tag)


def _has_word(word: str) -> ColumnElement[bool]:
    texts: Iterable[ColumnElement[str]] = (generations.c.prompt, jobs.c.title)
    beginning = word.lower()
    begins_so = [_begins(generations.c.job_id, beginning)] if _ID.fullmatch(beginning) else []
    return or_(*(_has(text, word) for text in texts), *begins_so)


def _has(text: ColumnElement[str], part: str) -> ColumnElement[bool]:
    return or_(*(func.lower(text).contains(storable(one), autoescape=True) for one in _spellings(part)))


def _spellings(part: str) -> Iterable[str]:
    """Return how a part of a text may stand in the database's lower case: SQLite's leaves all but A to Z as it is."""
    small = part.lower()
    if small.isascii():
        return (small,)
    return dict.fromkeys(
        "".join(one.lower() if one.isascii() else change(one) for one in part) for change in (str, str.lower, str.upper)
    )


def _begins(column: Column[str], beginning: str) -> ColumnElement[bool]:
    return and_(column >= beginning, column < beginning + _AFTER_ALL)


def _cursor(last: Generation) -> str:
    return f"{last.created!r}/{last.generation_id}"


def _read_cursor(cursor: str) -> tuple[float, str]:
    created, slash, job_id = cursor.partition("/")
    try:
        moment = float(created)
    except ValueError:
        moment = math.nan
    if not slash or not math.isfinite(moment) or not _ID.fullmatch(job_id):
        raise InvalidParameterError("cursor", cursor[:50], "what the page before said comes next")
    return moment, job_id
