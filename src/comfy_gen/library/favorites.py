"""The favorites: generations that somebody rated, with what they said of them."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, or_, select, update

from comfy_gen.errors import FavoriteNotFoundError, GenerationNotFoundError, InvalidParameterError
from comfy_gen.jobs.sql import generations as records
from comfy_gen.jobs.sql.generations import CATEGORY
from comfy_gen.jobs.tables import favorites, generations, labels
from comfy_gen.library import searching
from comfy_gen.library.generation import Favorite
from comfy_gen.library.rows import GENERATION, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection

    from comfy_gen.jobs.sql.change import Change
    from comfy_gen.jobs.transactions import Transactions
    from comfy_gen.library.generation import Generation

__all__ = ["Favorite", "Favorites"]

RATINGS = range(1, 6)
MOST = 500
"""Favorites on a page."""
_MOST_TAGS = 50
_LONGEST_TAG = 64
_LONGEST_FEEDBACK = 10_000
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Without letters that are read as others."""
_ID = re.compile(r"\w{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Said:
    """What somebody says of a generation."""

    rating: int
    feedback: str
    tags: Sequence[str]


class Favorites:
    """The favorites in the database. Each belongs to its generation's owner; without an owner, all are seen."""

    def __init__(self, transactions: Transactions, *, is_tracked: bool = False) -> None:
        """``is_tracked`` says that MLflow is to be told of each change."""
        self._transactions = transactions
        self._is_tracked = is_tracked

    async def add(
        self,
        owner: str | None,
        generation_id: str,
        rating: int,
        feedback: str = "",
        tags: Sequence[str] = (),
        *,
        now: float,
    ) -> Favorite:
        """Make a generation a favorite; one that is one already is rated anew.

        Raises:
            InvalidParameterError: the rating, the feedback or a tag cannot be kept.
            GenerationNotFoundError: there is no such generation, or it is another owner's; or its job was begun afresh,
                and will have other pictures.
        """
        _check_rating(rating)
        said = _Said(rating, _checked(feedback), _tags(tags))

        def work(change: Change) -> Favorite:
            found = _settled(change.connection, searching.find(change.connection, generation_id, owner))
            if found.favorite is None:
                _insert(change.connection, found.generation_id, found.owner, said, now)
            else:
                values = {"rating": said.rating, "feedback": said.feedback, "tags": list(said.tags)}
                _update(change.connection, found.favorite, values, now)
            return self._changed(change, found.generation_id, now)

        return await self._transactions.write(work)

    async def get(self, favorite_id: str, owner: str | None = None) -> Favorite:
        """Return a favorite; with an ``owner``, only one of theirs.

        Raises:
            FavoriteNotFoundError: there is none.
        """
        return await self._transactions.read(lambda connection: _find(connection, favorite_id, owner), is_brief=True)

    async def list(
        self,
        owner: str | None = None,
        min_rating: int = 1,
        categories: Sequence[str] = (),
        tags: Sequence[str] = (),
        limit: int = 20,
        offset: int = 0,
    ) -> tuple[Sequence[Favorite], int]:
        """Return some of the favorites, the newest first, and how many fit: any of the categories, any of the tags.

        Raises:
            InvalidParameterError: the limit or the offset is out of bounds.
        """
        _check_part(limit, offset)
        where = [*_conditions(owner, min_rating, categories, tags)]
        return await self._transactions.read(lambda connection: _page(connection, where, limit, offset))

    async def rate(
        self, favorite_id: str, rating: int, feedback: str | None = None, owner: str | None = None, *, now: float
    ) -> Favorite:
        """Rate a favorite anew; feedback that is not given stays.

        Raises:
            InvalidParameterError: the rating or the feedback cannot be kept.
            FavoriteNotFoundError: there is none.
        """
        return await self.change(favorite_id, owner, rating=rating, feedback=feedback, now=now)

    async def change(
        self,
        favorite_id: str,
        owner: str | None = None,
        *,
        rating: int | None = None,
        feedback: str | None = None,
        tags: Sequence[str] | None = None,
        now: float,
    ) -> Favorite:
        """Say something else of a favorite; what is not given stays, and where nothing is, all does.

        Raises:
            InvalidParameterError: the rating, the feedback or a tag cannot be kept.
            FavoriteNotFoundError: there is none.
        """
        values: dict[str, Any] = {}
        if rating is not None:
            _check_rating(rating)
            values["rating"] = rating
        if feedback is not None:
            values["feedback"] = _checked(feedback)
        if tags is not None:
            values["tags"] = _tags(tags)
        if not values:
            return await self.get(favorite_id, owner)

        def work(change: Change) -> Favorite:
            found = _find(change.connection, favorite_id, owner)
            _update(change.connection, found, values, now)
            return self._changed(change, found.generation_id, now)

        return await self._transactions.write(work)

    async def remove(self, favorite_id: str, owner: str | None = None, *, now: float) -> Favorite:
        """Have a generation be no favorite any more; return what it was.

        Raises:
            FavoriteNotFoundError: there is none.
        """

        def work(change: Change) -> Favorite:
            found = _find(change.connection, favorite_id, owner)
            change.connection.execute(delete(favorites).where(favorites.c.favorite_id == found.favorite_id))
            self._tell(change, found.generation_id, now)
            return found

        return await self._transactions.write(work)

    def _changed(self, change: Change, generation_id: str, now: float) -> Favorite:
        self._tell(change, generation_id, now)
        (found,) = _favorites(change.connection, [favorites.c.job_id == generation_id])
        return found

    def _tell(self, change: Change, generation_id: str, now: float) -> None:
        if self._is_tracked:
            records.tell(change.connection, generation_id, at=now)


def _settled(connection: Connection, found: Generation) -> Generation:
    """Return a generation whose pictures stay until this transaction ends."""
    records.lock(connection, [found.generation_id])
    now = searching.find(connection, found.generation_id, found.owner)
    if not now.state.is_end:
        raise GenerationNotFoundError(found.generation_id)
    return now


def _insert(connection: Connection, job_id: str, owner: str, said: _Said, now: float) -> None:
    row: dict[str, Any] = {
        "favorite_id": f"fav_{''.join(secrets.choice(_ALPHABET) for _ in range(12))}",
        "job_id": job_id,
        "owner": owner,
        "rating": said.rating,
        "feedback": said.feedback,
        "tags": list(said.tags),
        "created": now,
        "updated": now,
    }
    connection.execute(insert(favorites), row)


def _update(connection: Connection, found: Favorite, values: dict[str, Any], now: float) -> None:
    changed = update(favorites).where(favorites.c.favorite_id == found.favorite_id)
    connection.execute(changed.values(**values, updated=now))


def _find(connection: Connection, favorite_id: str, owner: str | None) -> Favorite:
    wanted = favorite_id.strip()
    where = [favorites.c.favorite_id == wanted, *_conditions(owner)]
    found = _favorites(connection, where) if _ID.fullmatch(wanted) else []
    if not found:
        raise FavoriteNotFoundError(favorite_id)
    return found[0]


def _favorites(connection: Connection, where: Iterable[ColumnElement[bool]]) -> list[Favorite]:
    return [one.favorite for one in read(connection, GENERATION.where(*where)) if one.favorite is not None]


def _page(
    connection: Connection, where: Sequence[ColumnElement[bool]], limit: int, offset: int
) -> tuple[Sequence[Favorite], int]:
    joined = favorites.join(generations, generations.c.job_id == favorites.c.job_id)
    total = connection.execute(select(func.count()).select_from(joined).where(*where)).scalar_one()
    newest = favorites.c.created.desc(), favorites.c.favorite_id
    chosen = GENERATION.where(favorites.c.favorite_id.is_not(None), *where).order_by(*newest)
    found = read(connection, chosen.limit(limit).offset(offset)) if limit else []
    return [one.favorite for one in found if one.favorite is not None], total


def _conditions(
    owner: str | None, min_rating: int = 1, categories: Sequence[str] = (), tags: Sequence[str] = ()
) -> Iterator[ColumnElement[bool]]:
    if owner is not None:
        yield favorites.c.owner == owner
    if min_rating > RATINGS.start:
        yield favorites.c.rating >= min_rating
    if categories:
        yield searching.labelled(CATEGORY, labels.c.name.in_([*categories]))
    if tags:
        yield or_(*(searching.tagged(tag) for tag in tags))


def _check_part(limit: int, offset: int) -> None:
    if not 0 <= limit <= MOST:
        raise InvalidParameterError("limit", limit, f"from 0 to {MOST}")
    if not 0 <= offset < 2**63:
        raise InvalidParameterError("offset", offset, "0 or more")


def _check_rating(rating: int) -> None:
    if rating not in RATINGS:
        raise InvalidParameterError("rating", rating, "a whole number from 1 to 5")


def _checked(feedback: str) -> str:
    if len(feedback) > _LONGEST_FEEDBACK:
        raise InvalidParameterError("feedback", f"{feedback[:50]} …", f"{_LONGEST_FEEDBACK:,} characters at most")
    return feedback


def _tags(tags: Sequence[str]) -> list[str]:
    """Return tags as they are kept: each once, without what JSON and lists would write otherwise."""
    plain = [*dict.fromkeys(tag.strip() for tag in tags)]
    for tag in plain:
        if not (tag.isprintable() and 0 < len(tag) <= _LONGEST_TAG) or set(tag) & set('",\\'):
            expected = f"1 to {_LONGEST_TAG} printable characters, without quotes, commas and backslashes"
            raise InvalidParameterError("tags", tag[:80], expected)
    if len(plain) > _MOST_TAGS:
        raise InvalidParameterError("tags", len(plain), f"{_MOST_TAGS} at most")
    return plain
