"""Reads what a person wrote: which categories it names, which it means, and what it does not want. Pure.

The dictionary that tells misspelt words from real ones is loaded when the first unknown word is met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfy_gen.composition.texts.inference import SURE, Evidence, Found, Hint, hints_of, infer
from comfy_gen.composition.texts.lora_tags import take_loras
from comfy_gen.composition.texts.matching import matches_of
from comfy_gen.composition.texts.negation import negations_of, things_of
from comfy_gen.composition.texts.tags import id_of, take_tags
from comfy_gen.composition.texts.words import words_of
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from comfy_gen.composition.recipe import RecipeLora
    from comfy_gen.composition.texts.lexicon import Lexicon
    from comfy_gen.composition.texts.matching import Match
    from comfy_gen.composition.texts.negation import Negation
    from comfy_gen.composition.texts.words import Word

__all__ = ["Evidence", "Found", "Reading", "read_text", "wanted_hints"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says."""

    text: str
    """The person's words, without the tags."""
    tags: tuple[str, ...]
    """The ids of the categories that are named outright, in their order, each once."""
    unknown_tags: Mapping[str, tuple[str, ...]]
    """Tags as written that are no category, each with the ids nearest to it."""
    inferred: tuple[Found, ...]
    """The surest first; those that are named outright are not among them."""
    negated: tuple[str, ...]
    """What is not to be shown, in the person's words; what a tag asks for is not among it."""
    negated_ids: tuple[str, ...]
    """The categories that those words name; also those that are tagged all the same."""
    loras: tuple[RecipeLora, ...] = ()
    """Those that are named as ``<lora:NAME:0.8>``, which is not in the text."""

    @property
    def names_and_text(self) -> str:
        """All that may say what the picture shows: also the names of LoRAs."""
        return "\n".join((self.text, *(one.filename for one in self.loras)))


_MOST_HELPED = 10
"""Unknown tags of a text for which the nearest ids are looked up."""


def read_text(text: str, lexicon: Lexicon) -> Reading:
    """Return what a text says."""
    named = take_loras(text)
    tagged = take_tags(named.text)
    words = words_of(tagged.text)
    matches = matches_of(words, lexicon)
    negations = negations_of(words)
    tags, unknown = _known(tagged.tags, lexicon)
    unwanted, unknown_too = _known(tagged.negated, lexicon)
    hints = list(hints_of(words, matches, lexicon))
    inferred = infer((hint for hint in hints if not _is_negated(hint.match, negations)), words, tagged.text)
    kept = {
        each.id for each in inferred if each.confidence >= SURE and any(_is_sure(one.level) for one in each.evidence)
    }
    things = [*_things(words, negations, matches, tagged.text), *(id_.replace("-", " ") for id_ in unwanted)]
    contradicted = {thing: id_ for thing in things if (id_ := _named_by(thing, tags, lexicon))}
    return Reading(
        text=tagged.text,
        tags=tags,
        unknown_tags=unknown | unknown_too,
        inferred=tuple(each for each in inferred if each.id not in tags),
        negated=_unique(thing for thing in things if thing not in contradicted),
        negated_ids=_unique(
            [
                *(id_ for id_ in _named(hints, negations, lexicon) if id_ not in kept and id_ not in tags),
                *unwanted,
                *contradicted.values(),
            ]
        ),
        loras=named.loras,
    )


def wanted_hints(text: str, lexicon: Lexicon) -> list[Hint]:
    """Return the hints at categories in a text, without those at what is not to be shown; for calibration."""
    words = words_of(take_tags(text).text)
    negations = negations_of(words)
    hints = hints_of(words, matches_of(words, lexicon), lexicon)
    return [hint for hint in hints if not _is_negated(hint.match, negations)]


def _known(tags: Iterable[str], lexicon: Lexicon) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Return the ids that tags mean, and the tags that mean none with the ids nearest to them."""
    ids = {tag: id_of(tag, lexicon.kinds) for tag in tags}
    unknown: dict[str, tuple[str, ...]] = {}
    for tag in (tag for tag, known in ids.items() if known is None):
        # Comparing with all ids takes milliseconds, and a text may be nothing but tags.
        unknown[tag] = nearest_names(tag, sorted(lexicon.kinds), limit=3) if len(unknown) < _MOST_HELPED else ()
    return _unique(known for known in ids.values() if known is not None), unknown


def _unique(those: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(those))


def _is_negated(match: Match, negations: Iterable[Negation]) -> bool:
    return any(each.start <= match.start < each.end for each in negations)


def _is_sure(level: str) -> bool:
    return level != "secondary"


def _named(hints: Iterable[Hint], negations: Sequence[Negation], lexicon: Lexicon) -> Iterator[str]:
    """Give the categories that are not to be shown; a word that only hints at one names none."""
    for hint in hints:
        if _is_sure(hint.sense.level) and _is_negated(hint.match, negations):
            yield hint.sense.id
    for each in negations:
        for match in matches_of(words_of(each.meant), lexicon):
            yield from (sense.id for sense in match.senses if _is_sure(sense.level))


def _named_by(thing: str, ids: Collection[str], lexicon: Lexicon) -> str | None:
    """Return the category that something is just another word for; None if it is more than that, or something else."""
    words = words_of(thing) if ids else ()
    for match in matches_of(words, lexicon):
        is_whole = match.end - match.start == len(words)
        for sense in match.senses:
            is_name = sense.level == "primary" or sense.keyword == sense.id.replace("-", " ")
            if is_whole and is_name and sense.id in ids:
                return sense.id
    return None


def _things(words: Sequence[Word], negations: Iterable[Negation], matches: Iterable[Match], text: str) -> Iterator[str]:
    """Give what is not to be shown; what one keyword names is one thing."""
    joined = {at for match in matches for at in range(match.start + 1, match.end)}
    for each in negations:
        yield from things_of(words, each, text, joined=joined)
