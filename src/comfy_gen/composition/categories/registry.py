"""The categories that there are: a snapshot that never changes, and the folders that it is made of, looked at anew."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from dataclasses import replace
from functools import cache, cached_property
from typing import TYPE_CHECKING

from comfy_gen.composition.categories.card import card_of
from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.categories.folder import NOTHING, SHIPPED, Contents, look
from comfy_gen.composition.categories.precedence import together
from comfy_gen.composition.categories.relations import problems_between
from comfy_gen.errors import CategoryNotFoundError
from comfy_gen.workflows.catalogue import template_names
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Self

    from comfy_gen.composition.categories.category import Category
    from comfy_gen.composition.texts.lexicon import Lexicon
    from comfy_gen.composition.tier import Tier

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds for which a folder is taken to be as it was."""


class Registry:
    """The categories at one moment. It never changes."""

    def __init__(self, categories: tuple[Category, ...]) -> None:
        self.all = categories
        """By kind, then by id."""
        self._by_id = {category.id: category for category in categories}

    @classmethod
    def of(cls, categories: Iterable[Category]) -> Self:
        """Return the registry of these; of several of one id the last counts."""
        by_id = {category.id: category for category in categories}
        kinds = tuple(Kind)
        return cls(tuple(sorted(by_id.values(), key=lambda one: (kinds.index(one.kind), one.id))))

    def __len__(self) -> int:
        return len(self.all)

    def __contains__(self, category_id: object) -> bool:
        return category_id in self._by_id

    def get(self, category_id: str) -> Category:
        """Return a category by its id, in any case of letters.

        Raises:
            CategoryNotFoundError: there is none; with the nearest ids.
        """
        found = self._by_id.get(category_id.strip().lower().replace("_", "-"))
        if found is None:
            raise CategoryNotFoundError(category_id, nearest_names(category_id[:100], self._by_id, 3))
        return found

    def find(
        self, *, kind: Kind | None = None, tier: Tier | None = None, text: str | None = None
    ) -> tuple[Category, ...]:
        """Return those of a kind that a tier allows and that have each of a text's words; by kind, then by id."""
        words = (text or "").lower().split()
        return tuple(
            category
            for category in self.all
            if (kind is None or category.kind is kind)
            and (tier is None or tier.allows(category.tier))
            and all(word in self._texts[category.id] for word in words)
        )

    @cached_property
    def version(self) -> str:
        """What the categories say, as 64 hexadecimal digits; where they were read from does not count."""
        said = json.dumps([card_of(category) for category in self.all], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(said.encode()).hexdigest()

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words that the categories are known by, made ready for reading texts."""
        from comfy_gen.composition.texts.lexicon import Lexicon  # noqa: PLC0415  # heavy, and only texts need it

        return Lexicon.of(self.all)

    @cached_property
    def _texts(self) -> dict[str, str]:
        """Return what a search looks at, by id."""
        return {
            one.id: " ".join((one.id, one.display_name, one.description, *one.keywords.all)).lower() for one in self.all
        }


class Categories:
    """The categories that ship and those of a folder, which go before them where both have an id."""

    def __init__(
        self, folder: Path | None = None, *, now: Callable[[], float] = time.monotonic, tells: bool = True
    ) -> None:
        """``tells`` is whether the log is told of problems."""
        self._folder = folder
        self._now = now
        self._tells = tells
        self._look_at = float("-inf")
        self._own: Contents = NOTHING
        self._registry: Registry | None = None
        self.problems: tuple[str, ...] = ()
        """What is wrong with files, each with its line; what they said before counts on, if it could be read."""

    def current(self) -> Registry:
        """Return the categories as they are; the same object for as long as nothing changes.

        The folder is looked at once a second at most, and only files that changed are read.
        """
        now = self._now()
        if self._registry is None or now >= self._look_at:
            self._look_at = now + LOOK_EVERY
            self._registry = self._renewed()
        return self._registry

    def _renewed(self) -> Registry:
        own = NOTHING if self._folder is None else look(self._folder, self._own)
        if self._registry is not None and own is self._own:
            return self._registry
        ships = _shipped_contents()
        categories = (marked.category for marked in own.marked.values())
        registry = Registry.of(together(shipped().all, categories)) if own.marked else shipped()
        places = {name: marked.places for name, marked in {**ships.marked, **own.marked}.items()}
        between = problems_between(registry.all, places, workflows=template_names())
        self._own = own
        self._tell((*ships.problems, *own.problems, *between))
        return registry

    def _tell(self, problems: tuple[str, ...]) -> None:
        """Note problems; the log has one line for those that came up, and each of them for who looks closely."""
        new = [said for said in problems if said not in self.problems]
        if new and self._tells:
            many = f"{len(problems)} problem{'s' * (len(problems) > 1)} in your categories"
            log.warning("%s: comfygen categories validate", many)
            for said in new:
                log.info("category file: %s", said)
        self.problems = problems


@cache
def shipped() -> Registry:
    """Return the categories that ship; they are read once."""
    # Where they lie is nobody's business: a source is a file that one may edit.
    return Registry.of(replace(one.category, source="") for one in _shipped_contents().marked.values())


@cache
def _shipped_contents() -> Contents:
    return look(SHIPPED)
