"""Infers categories of the keywords in a text, each with what speaks for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.composition.texts.clues import clues_of
from comfy_gen.composition.texts.confidence import confidence_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from comfy_gen.composition.texts.clues import Clue
    from comfy_gen.composition.texts.lexicon import Level, Lexicon, Sense
    from comfy_gen.composition.texts.matching import Match
    from comfy_gen.composition.texts.words import Word


SURE = 0.6
"""From this confidence on a text means a category so clearly that it counts as if it were tagged."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A word or phrase of a text that speaks for a category."""

    words: str
    """As in the text."""
    start: int
    """Where it stands in the reading's text."""
    end: int
    level: Level
    keyword: str
    """The category's own."""
    is_typo: bool = False
    """It was misspelt."""
    is_form: bool = False
    """It is a plural or another form of the keyword."""


@dataclass(frozen=True, slots=True)
class Found:
    """A category that a text seems to mean."""

    id: str
    confidence: float
    """From 0 to 1."""
    evidence: tuple[Evidence, ...]


class Hint(NamedTuple):
    """A keyword in a text, as one category's."""

    match: Match
    sense: Sense
    clue: Clue


def hints_of(words: Sequence[Word], matches: Sequence[Match], lexicon: Lexicon) -> Iterator[Hint]:
    """Give a hint for each category that each of the keywords may mean."""
    for match, clues in zip(matches, clues_of(words, matches, lexicon.kinds), strict=True):
        for sense, clue in zip(match.senses, clues, strict=True):
            yield Hint(match, sense, clue)


def infer(hints: Iterable[Hint], words: Sequence[Word], text: str) -> tuple[Found, ...]:
    """Return the categories that the hints speak for, the surest first."""
    found = [
        Found(
            id=category_id,
            confidence=round(confidence_of(hint.clue for hint in those), 4),
            evidence=tuple(_evidence(hint, words, text) for hint in those),
        )
        for category_id, those in by_category(hints).items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.confidence, each.evidence[0].start, each.id)))


def by_category(hints: Iterable[Hint]) -> Mapping[str, list[Hint]]:
    """Return the hints of each category."""
    those: dict[str, list[Hint]] = {}
    for hint in hints:
        those.setdefault(hint.sense.id, []).append(hint)
    return those


def _evidence(hint: Hint, words: Sequence[Word], text: str) -> Evidence:
    match, sense = hint.match, hint.sense
    start, end = words[match.start].start, words[match.end - 1].end
    return Evidence(
        words=text[start:end],
        start=start,
        end=end,
        level=sense.level,
        keyword=sense.keyword,
        is_typo=match.is_typo,
        is_form=match.is_form_of(sense),
    )
