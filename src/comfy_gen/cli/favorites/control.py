"""Does what ``comfygen favorites`` was asked for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.cli.failures import print_json
from comfy_gen.cli.favorites.table import favorite_table
from comfy_gen.cli.library.control import generation_json, library_of
from comfy_gen.cli.library.control import show as show_generation
from comfy_gen.library.favorites import Favorites
from comfy_gen.library.generation import favorite_json

if TYPE_CHECKING:
    from comfy_gen.app import JobQueue
    from comfy_gen.library.favorites import Favorite

STDERR = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of a generation."""

    rating: int
    feedback: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which favorites to list."""

    owner: str | None
    min_rating: int
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    limit: int
    offset: int


async def add(queue: JobQueue, generation_id: str, said: Said, *, as_json: bool) -> None:
    """Make a generation a favorite.

    Raises:
        GenerationNotFoundError: there is none, or there are several.
        InvalidParameterError: what was said of it cannot be kept.
    """
    made = await favorites_of(queue).add(None, generation_id, said.rating, said.feedback, said.tags, now=time.time())
    _tell(made, f"is a favorite now: {made.favorite_id}", as_json=as_json)


async def list_favorites(queue: JobQueue, wanted: Wanted, *, as_json: bool) -> None:
    """Print the favorites that fit, the newest first."""
    found, total = await favorites_of(queue).list(
        wanted.owner, wanted.min_rating, wanted.categories, wanted.tags, wanted.limit, wanted.offset
    )
    if as_json:
        print_json({"favorites": [favorite_json(one) for one in found], "total": total})
    elif found:
        Console().print(favorite_table(found, now=time.time()))
        if total > len(found):
            STDERR.print(f"{len(found):,} of {total:,}; for more: --limit, --offset", style="dim", highlight=False)
    else:
        STDERR.print("There is no such favorite. Make one: comfygen favorites add GENERATION", highlight=False)


async def show(queue: JobQueue, favorite_id: str, *, as_json: bool) -> None:
    """Print a favorite, and the generation that it is.

    Raises:
        FavoriteNotFoundError: there is none.
    """
    found = await favorites_of(queue).get(favorite_id)
    if not as_json:
        await show_generation(queue, found.generation_id, as_json=False)
        return
    generation = await library_of(queue).get(found.generation_id)
    print_json({**favorite_json(found), "generation": generation_json(queue, generation)})


async def rate(queue: JobQueue, favorite_id: str, rating: int, feedback: str | None, *, as_json: bool) -> None:
    """Rate a favorite anew.

    Raises:
        FavoriteNotFoundError: there is none.
    """
    rated = await favorites_of(queue).rate(favorite_id, rating, feedback, now=time.time())
    _tell(rated, f"has a rating of {rated.rating} now", as_json=as_json)


async def remove(queue: JobQueue, favorite_id: str, *, as_json: bool) -> None:
    """Have a generation be no favorite any more.

    Raises:
        FavoriteNotFoundError: there is none.
    """
    removed = await favorites_of(queue).remove(favorite_id, now=time.time())
    _tell(removed, "is no favorite any more", as_json=as_json)


def favorites_of(queue: JobQueue) -> Favorites:
    """Return the favorites of a queue's database."""
    return Favorites(queue.store.transactions, is_tracked=bool(queue.settings.tracking.url))


def _tell(favorite: Favorite, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(favorite_json(favorite))
        return
    said = f"The generation {favorite.generation_id} {what}"
    Console().print(said, markup=False, highlight=False, soft_wrap=True)
