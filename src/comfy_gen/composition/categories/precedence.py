"""Who goes before whom, where categories that ship and those of a folder have ids or words in common. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from comfy_gen.composition.categories.category import Keywords

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from comfy_gen.composition.categories.category import Category


def together(known: Iterable[Category], own: Iterable[Category]) -> tuple[Category, ...]:
    """Return all of them as they are used.

    One's own take the place of known ones with their ids. A word that means just one of them only hints at one that
    ships: who adds a fox does so because wildlife did not do.
    """
    mine = {category.id: category for category in own}
    words = frozenset(word for category in mine.values() for word in category.keywords.primary)
    others = (category for category in known if category.id not in mine)
    return (*(_yielding(one, words) for one in others), *mine.values())


def _yielding(category: Category, words: Collection[str]) -> Category:
    keywords = category.keywords
    taken = tuple(word for word in keywords.primary if word in words)
    if category.source or not taken:
        return category
    kept = tuple(word for word in keywords.primary if word not in words)
    return replace(category, keywords=Keywords(kept, (*keywords.secondary, *taken), keywords.specific))
