"""Finds the keywords of a lexicon in the words of a text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.composition.texts.vocabulary import ARTICLES
from comfy_gen.composition.texts.words import is_form, is_inflected, stem_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from comfy_gen.composition.texts.lexicon import Lexicon, Sense
    from comfy_gen.composition.texts.words import Word

_SHORTEST_JOINED = 6
"""Letters of a keyword that is also found written as two words: of shorter ones chance makes too many."""


class Match(NamedTuple):
    """Words of a text that are keywords."""

    start: int
    """The places of the first of the words, and of that after the last."""
    end: int
    forms: tuple[str, ...]
    """As read: mistakes corrected."""
    senses: tuple[Sense, ...]
    """All that they may mean, of different categories."""
    is_typo: bool

    def is_form_of(self, sense: Sense) -> bool:
        """Tell whether the words are other forms of the keyword's."""
        return "".join(self.forms) != "".join(sense.forms)


class _Read(NamedTuple):
    """A word as it is compared with keywords."""

    place: int
    form: str
    stem: str
    is_typo: bool
    is_apart: bool
    """No phrase goes from the word before to this one."""


def matches_of(words: Sequence[Word], lexicon: Lexicon) -> tuple[Match, ...]:
    """Return the keywords that stand in a text, phrases before words; no word is part of two."""
    return tuple(_matches(tuple(_read(words, lexicon)), lexicon))


def _read(words: Sequence[Word], lexicon: Lexicon) -> Iterator[_Read]:
    is_apart = False
    # In a title every word looks like a name.
    has_names = 2 * sum(word.is_name for word in words) < len(words)
    for place, word in enumerate(words):
        is_apart = is_apart or bool(word.mark)
        if word.form in ARTICLES:
            continue  # phrases are compared without them
        stem = stem_of(word.form)
        corrected = None
        if stem not in lexicon.stems and not (place and has_names and word.is_name):
            corrected = lexicon.spelling.correct(word.form)
        form = corrected or word.form
        yield _Read(place, form, stem_of(form) if corrected else stem, corrected is not None, is_apart)
        is_apart = False


def _matches(read: Sequence[_Read], lexicon: Lexicon) -> Iterator[Match]:
    at = 0
    while at < len(read):
        length, found = _phrase(read, at, lexicon) or _joined(read, at, lexicon) or _word(read, at, lexicon)
        if found:
            yield found
            yield from _tail(read[at : at + length], found, lexicon)
        at += length


_Taken = tuple[int, "Match | None"]
"""How many words are read, and what they mean."""


def _phrase(read: Sequence[_Read], at: int, lexicon: Lexicon) -> _Taken | None:
    """Return the longest phrase that begins here."""
    longest = 1
    reach = min(lexicon.reach.get(read[at].stem, 0), len(read) - at)
    while longest < reach and not read[at + longest].is_apart:
        longest += 1
    for length in range(longest, 1, -1):
        here = read[at : at + length]
        forms = tuple(each.form for each in here)
        senses = lexicon.senses.get(tuple(each.stem for each in here))
        if senses is None:
            continue
        meant = _meant(forms, senses)
        if meant or not senses:
            return length, _match(here, forms, meant)
    return None


def _word(read: Sequence[_Read], at: int, lexicon: Lexicon) -> _Taken:
    """Return what the word here means alone."""
    here = read[at]
    meant = _meant((here.form,), lexicon.senses.get((here.stem,), ()))
    return 1, _match((here,), (here.form,), meant) if meant else None


def _tail(here: Sequence[_Read], phrase: Match, lexicon: Lexicon) -> Iterator[Match]:
    """Give what the last words of a phrase mean as well: a cyberpunk city is a city, and a toy car is no car.

    They do where the phrase begins with its category's own word, and they are of another kind.
    """
    own = {sense.id for sense in lexicon.senses.get((here[0].stem,), ())}
    if len(here) == 1 or not any(sense.id in own for sense in phrase.senses):
        return
    kinds = {lexicon.kinds[sense.id] for sense in phrase.senses}
    for each in here[1:]:
        meant = _meant((each.form,), lexicon.senses.get((each.stem,), ()))
        if others := tuple(one for one in meant if one.level == "primary" and lexicon.kinds[one.id] not in kinds):
            yield _match((each,), (each.form,), others)


def _joined(read: Sequence[_Read], at: int, lexicon: Lexicon) -> _Taken | None:
    """Return the keyword that stands here written as two words."""
    here = read[at : at + 2]
    if len(here) < 2 or here[1].is_apart:
        return None
    form = here[0].form + here[1].form
    if len(form) < _SHORTEST_JOINED or not {form, form.removesuffix("s")} & lexicon.forms:
        return None
    meant = _meant((form,), lexicon.senses.get((stem_of(form),), ()))
    return (2, _match(here, (form,), meant)) if meant else None


def _meant(forms: tuple[str, ...], senses: Sequence[Sense]) -> tuple[Sense, ...]:
    """Return what the words mean of what their stems may mean: of each category the surest sense."""
    surest: dict[str, Sense] = {}
    for sense in senses:
        if sense.id not in surest and _means(forms, sense):
            surest[sense.id] = sense
    return tuple(surest.values())


def _means(forms: tuple[str, ...], sense: Sense) -> bool:
    if len(forms) != len(sense.forms):
        return is_form("".join(forms), "".join(sense.forms))
    if len(forms) > 1 and any(map(is_inflected, forms, sense.forms)):
        return False  # "in a parking lot" is not "in a park"
    return all(map(is_form, forms, sense.forms))


def _match(here: Sequence[_Read], forms: tuple[str, ...], senses: tuple[Sense, ...]) -> Match:
    return Match(here[0].place, here[-1].place + 1, forms, senses, any(each.is_typo for each in here))
