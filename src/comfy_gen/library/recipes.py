"""The recipes that were composed or run, by the hashes of what is in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from comfy_gen.composition.recipe import Recipe
from comfy_gen.errors import RecipeNotFoundError
from comfy_gen.jobs.sql.generations import keep_recipe
from comfy_gen.jobs.tables import generations, recipes

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from comfy_gen.jobs.sql.change import Change
    from comfy_gen.jobs.transactions import Transactions

_DIGITS = re.compile(r"[0-9a-f]{12,64}")
"""A digest, or as much of it as tells it from all others that anybody has."""


class Recipes:
    """The recipes in the database. Who knows the id of one may have it: nobody guesses a hash."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def keep(self, recipe: Recipe, *, now: float, is_durable: bool = True) -> None:
        """Keep a recipe under its id, if it is not there already."""
        digest, body = recipe.digest, recipe.as_json()
        await self._transactions.write(
            lambda change: keep_recipe(change.connection, digest, body, now=now), is_durable=is_durable
        )

    async def get(self, recipe_id: str) -> Recipe:
        """Return the recipe of an id, such as ``sha256:…``; its first twelve digits do.

        Raises:
            RecipeNotFoundError: there is none.
        """
        digits = recipe_id.strip().lower().removeprefix("sha256:")
        if not _DIGITS.fullmatch(digits):
            raise RecipeNotFoundError(recipe_id)
        found = await self._transactions.read(lambda connection: _find(connection, digits), is_brief=True)
        if len(found) != 1:
            raise RecipeNotFoundError(recipe_id)
        return Recipe.from_json(found[0])

    async def prune(self, before: float) -> int:
        """Forget the recipes that are older and were never run; return how many."""
        return await self._transactions.write(lambda change: _prune(change, before))


def _find(connection: Connection, digits: str) -> list[Any]:
    begins_so = recipes.c.digest >= digits, recipes.c.digest < f"{digits}~"
    return [*connection.execute(select(recipes.c.body).where(*begins_so).limit(2)).scalars()]


def _prune(change: Change, before: float) -> int:
    is_run = select(generations.c.recipe).where(generations.c.recipe == recipes.c.digest).exists()
    return change.connection.execute(delete(recipes).where(recipes.c.created < before, ~is_run)).rowcount
