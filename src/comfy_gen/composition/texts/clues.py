"""Looks at what stands around a keyword, and so at how far it can be trusted. Pure."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.texts.vocabulary import COLOURS, SMALL, WITHIN
from comfy_gen.composition.texts.words import is_inflected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.composition.texts.lexicon import Level, Sense
    from comfy_gen.composition.texts.matching import Match
    from comfy_gen.composition.texts.words import Word

_VERB_ENDINGS = ("ing", "ed", "ly")
_FARTHEST = 5
"""Words between an "of" or "in" and what comes after it, with both."""
PORTRAIT = "portrait"
HUMAN = frozenset({PORTRAIT, "people", "fashion", "fantasy-character"})
"""The subjects that a portrait shows as it is meant: someone with a face."""


class Clue(NamedTuple):
    """All that counts of one keyword in a text."""

    level: Level
    is_typo: bool = False
    is_bent: bool = False
    """It is a verb's form of a keyword that is none, as in "parked"."""
    rivals: int = 0
    """Other categories of its kind that the word means as surely."""
    is_alone: bool = False
    """Nothing else stands between the commas around it."""
    is_before_thing: bool = False
    """It only says of which kind the thing is that is named next: "street cat"."""
    is_before_colour: bool = False
    """It only says which shade that is: "forest green"."""
    is_second: bool = False
    """Something else is shown, of it or in it: "portrait of a woman", "cat in a spaceship"."""
    is_view: bool = False
    """It only says how something is shown that is nobody: "portrait of a cat"."""


def clues_of(words: Sequence[Word], matches: Sequence[Match], kinds: Mapping[str, Kind]) -> list[tuple[Clue, ...]]:
    """Return for each match a clue for each of its senses."""
    text = _Text(words, {match.start: match for match in matches}, {match.end: match for match in matches}, kinds)
    return [tuple(_clue(text, match, sense) for sense in match.senses) for match in matches]


class _Text(NamedTuple):
    """A text and the keywords found in it."""

    words: Sequence[Word]
    starts: Mapping[int, Match]
    """By the place of the first word."""
    ends: Mapping[int, Match]
    """By the place after the last word."""
    kinds: Mapping[str, Kind]

    def is_end(self, place: int) -> bool:
        """Tell whether nothing is said between this place and a comma, full stop or the like."""
        return place >= len(self.words) or bool(self.words[place].mark)

    def shows(self, match: Match | None, but: str = "") -> bool:
        """Tell whether keywords may be a subject's, other than this one."""
        senses = match.senses if match else ()
        return any(self.kinds[sense.id] is Kind.SUBJECT and sense.id != but for sense in senses)


def _clue(text: _Text, match: Match, sense: Sense) -> Clue:
    is_word = match.end - match.start == 1
    return Clue(
        level=sense.level,
        is_typo=match.is_typo,
        is_bent=is_inflected(match.forms[-1], sense.forms[-1]),
        rivals=sum(_is_rival(sense, other, text.kinds) for other in match.senses),
        is_alone=_is_alone(text, match),
        is_before_thing=is_word and _is_before_thing(text, match, text.kinds[sense.id]),
        is_before_colour=is_word and _is_before_colour(text, match),
        is_second=text.kinds[sense.id] is Kind.SUBJECT and _is_second(text, match, sense.id),
        is_view=_is_view(text, match, sense.id),
    )


_RANKS: Mapping[Level, int] = {"tag": 0, "specific": 1, "primary": 2, "secondary": 3}


def _is_rival(sense: Sense, other: Sense, kinds: Mapping[str, Kind]) -> bool:
    is_as_sure = _RANKS[other.level] <= _RANKS[sense.level]
    return other.id != sense.id and kinds[other.id] is kinds[sense.id] and is_as_sure


def _is_alone(text: _Text, match: Match) -> bool:
    is_first = match.start == 0 or bool(text.words[match.start].mark)
    return is_first and text.is_end(match.end) and len(text.words) > match.end - match.start


def _is_before_colour(text: _Text, match: Match) -> bool:
    if text.is_end(match.end) or text.words[match.end].form not in COLOURS:
        return False
    following = text.starts.get(match.end)
    return following is None or following.end == match.end + 1  # no phrase such as "black and white"


def _is_before_thing(text: _Text, match: Match, kind: Kind) -> bool:
    if text.is_end(match.end) or kind is Kind.STYLE:
        return False
    after, following = text.words[match.end], text.starts.get(match.end)
    if following and following.senses:
        return kind is Kind.SETTING and text.shows(following)
    if after.is_hyphenated or after.form in SMALL or after.form in COLOURS:
        return after.is_hyphenated
    return kind is not Kind.SUBJECT and not after.form.endswith(_VERB_ENDINGS)


def _is_second(text: _Text, match: Match, id_: str) -> bool:
    """Tell whether a subject stands before an "of" or "in", with an adjective or two between that and this one."""
    for place in range(match.start - 1, max(match.start - _FARTHEST, 0), -1):
        word = text.words[place]
        if text.words[place + 1].mark:
            return False
        if word.form == "of":
            before = text.ends.get(place)
            return not word.mark and text.shows(before, but=id_) and not _is_portrait(text, before)
        if word.form in WITHIN:
            return not word.mark and any(text.shows(one, but=id_) for one in text.ends.values() if one.end <= place)
    return False


def _is_portrait(text: _Text, match: Match | None) -> bool:
    """Tell whether a match is just how the one after its "of", or before it, is shown."""
    return match is not None and any(_is_view(text, match, sense.id) for sense in match.senses)


def _is_view(text: _Text, match: Match, id_: str) -> bool:
    """Tell whether a portrait is of something that is nobody: a cat has no natural skin texture."""
    if id_ != PORTRAIT:
        return False
    before = text.ends.get(match.start)
    if before is not None and not text.words[match.start].mark and _is_thing(text, before):
        return True
    of = _of(text, match)
    return of is not None and _is_thing(text, of)


def _of(text: _Text, match: Match) -> Match | None:
    """Return the subject that an "of" names after a match; of "cat lady" the lady."""
    if text.is_end(match.end) or text.words[match.end].form != "of":
        return None
    places = range(match.end + 1, min(match.end + _FARTHEST, len(text.words)))
    inside = itertools.takewhile(lambda place: not text.words[place].mark, places)
    found = next((one for place in inside if text.shows(one := text.starts.get(place))), None)
    while found and not text.is_end(found.end) and text.shows(after := text.starts.get(found.end)):
        found = after
    return found


def _is_thing(text: _Text, match: Match) -> bool:
    """Tell whether keywords are a subject's, and no human's."""
    shown = {sense.id for sense in match.senses if text.kinds[sense.id] is Kind.SUBJECT}
    return bool(shown) and shown.isdisjoint(HUMAN)
