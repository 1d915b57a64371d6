"""Knows which words and phrases mean which category; built once for a set of categories, and then only read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from comfy_gen.composition.texts.idioms import IDIOMS
from comfy_gen.composition.texts.spelling import Spelling
from comfy_gen.composition.texts.vocabulary import ARTICLES
from comfy_gen.composition.texts.words import form_of, stem_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from comfy_gen.composition.categories.category import Category, Kind

Level = Literal["tag", "specific", "primary", "secondary"]
"""How surely a word means a category, the surest first."""


class Sense(NamedTuple):
    """One keyword of one category."""

    id: str
    level: Level
    keyword: str
    forms: tuple[str, ...]
    """Its words."""


@dataclass(frozen=True)
class Lexicon:
    """All keywords of all categories."""

    senses: Mapping[tuple[str, ...], tuple[Sense, ...]]
    """By the stems of the keyword's words; a phrase also by those of its words written as one. Idioms have none."""
    reach: Mapping[str, int]
    """How many words the longest phrase has that begins with the stem."""
    kinds: Mapping[str, Kind]
    """Of each category, by id."""

    @classmethod
    def of(cls, categories: Iterable[Category]) -> Self:
        """Return the lexicon of these categories."""
        kinds: dict[str, Kind] = {}
        senses: dict[tuple[str, ...], list[Sense]] = {}
        for category in categories:
            kinds[category.id] = category.kind
            for sense in _senses_of(category):
                for key in _keys_of(sense.forms):
                    senses.setdefault(key, []).append(sense)
        for idiom in IDIOMS:
            senses.setdefault(tuple(stem_of(form) for form in _forms_of(idiom)), [])
        reach: dict[str, int] = {}
        for key in senses:
            reach[key[0]] = max(reach.get(key[0], 0), len(key))
        return cls({key: tuple(those) for key, those in senses.items()}, reach, kinds)

    @cached_property
    def forms(self) -> frozenset[str]:
        """All words of all keywords."""
        return frozenset(form for those in self.senses.values() for sense in those for form in sense.forms)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Their stems."""
        return frozenset(stem for key in self.senses for stem in key)

    @cached_property
    def spelling(self) -> Spelling:
        """What finds the word that a misspelt one was meant to be."""
        written = (form for those in self.senses.values() for sense in those for form in _written(sense.forms))
        return Spelling(written)


def _senses_of(category: Category) -> Iterator[Sense]:
    keywords = category.keywords
    levels: tuple[tuple[Level, tuple[str, ...]], ...] = (
        ("specific", keywords.specific),
        ("primary", keywords.primary),
        ("secondary", keywords.secondary),
    )
    for level, those in levels:
        for keyword in those:
            if forms := _forms_of(keyword):
                yield Sense(category.id, level, keyword, forms)


def _forms_of(keyword: str) -> tuple[str, ...]:
    return tuple(word.form for word in words_of(keyword) if word.form not in ARTICLES)


def _keys_of(forms: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield tuple(stem_of(form) for form in forms)
    if len(forms) > 1:
        yield (_stem_of_joined(forms),)


def _stem_of_joined(forms: tuple[str, ...]) -> str:
    """Return the stem of a phrase that is written as one word: "goldenhour"."""
    if forms[-1].endswith("y"):
        return stem_of("".join(forms))  # a "y" stays in short words alone
    # That of the last word is known already, and stems take time.
    return "".join(forms[:-1]) + stem_of(forms[-1])


def _written(forms: tuple[str, ...]) -> Iterator[str]:
    yield from forms
    if len(forms) > 1:
        yield form_of("".join(forms))
