"""Merges the person's words with the fragments of categories: nothing is said twice, nor both ways. Pure."""

from __future__ import annotations

import itertools
import string
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.choices.sense import sense_of, without
from comfy_gen.composition.texts.words import stem_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from comfy_gen.composition.categories.category import Category
    from comfy_gen.composition.explanation import Account

TOKENS_OF_WORD = 1.3
"""How many tokens a text encoder makes of a word, on average."""
ROOM = {"sd15": 75, "sdxl": 75}
"""Tokens that a family's text encoder reads at once."""
ROOM_OF_OTHERS = 200
"""Families that read with T5 or a language model."""
_KINDS = tuple(Kind)
Side = Literal["positive", "negative"]


@dataclass(frozen=True, slots=True)
class Words:
    """What the person said, and what no prompt may change of it."""

    text: str
    negated: tuple[str, ...] = ()
    """What the text says not to show."""
    negative: str = ""
    """What was given as a negative prompt."""

    @property
    def wanted(self) -> str:
        """The sense of what is to be shown."""
        return without(sense_of(self.text), *map(sense_of, self.negated))

    @property
    def unwanted(self) -> tuple[str, ...]:
        """The senses of what is not."""
        return tuple(filter(None, map(sense_of, (*self.negated, *self.negative.split(",")))))


class Fragment(NamedTuple):
    """A part of a prompt that a category brings."""

    text: str
    source: str
    priority: int
    sense: str
    is_required: bool = True


def fragment(text: str, source: str, priority: int, *, is_required: bool = True) -> Fragment:
    """Return a fragment and what it says."""
    return Fragment(text, source, priority, sense_of(text), is_required)


class Prompts(NamedTuple):
    """Both prompts."""

    positive: str
    negative: str


def merge(
    words: Words,
    categories: Sequence[Category],
    account: Account,
    *,
    triggers: Sequence[Fragment] = (),
    family: str = "",
    has_negative: bool = True,
) -> Prompts:
    """Return the prompts; ``triggers`` are the words that LoRAs need.

    ``categories`` come in the order of their priority.
    """
    speakers = sorted(categories, key=lambda one: _KINDS.index(one.kind))
    text = _tidy(words.text)
    fragments = [*_names(text, speakers), *_fragments(speakers, "positive", triggers)]
    positive = [*_not_unwanted(fragments, words, account)]
    negative = [*_not_wanted([*_fragments(speakers, "negative")], words, account)]
    positive, negative = _agreed(positive, negative, account)
    room = ROOM.get(family, ROOM_OF_OTHERS)
    own = text or ", ".join(one.display_name.lower() for one in speakers)
    whole = _filled("positive", own, positive, room, account)
    given = _tidy(words.negative)
    if not has_negative:
        _note_left_out((*words.negated, *(one.text for one in negative)), account)
        if given:
            detail = "Your negative prompt is kept, and does nothing: the workflow is not guided by one"
            account.step("composition", "negative_prompt", detail, "you")
        return Prompts(whole, given)
    unwanted = [given, *(one for one in words.negated if sense_of(one) not in sense_of(given))]
    return Prompts(whole, _filled("negative", ", ".join(filter(None, unwanted)), negative, room, account))


def _names(text: str, speakers: Iterable[Category]) -> Iterator[Fragment]:
    """Yield the name of each subject that is tagged beside words that do not name it: of @horse in “in a field”."""
    said = set(_stems(text))
    for one in speakers if text else ():
        names = (*one.keywords.primary, *one.keywords.specific)
        if one.kind is Kind.SUBJECT and not any(said.issuperset(_stems(name)) for name in names):
            yield fragment(one.display_name.lower(), one.id, one.rules.priority)


def _stems(text: str) -> Iterator[str]:
    return (stem_of(word.form) for word in words_of(text))


def _fragments(speakers: Sequence[Category], side: Side, triggers: Iterable[Fragment] = ()) -> Iterator[Fragment]:
    """Yield all that must be said, then what may be: the first of each category before the second of any."""
    parts = [(one, one.positive if side == "positive" else one.negative) for one in speakers]
    for category, fragments in parts:
        for text in fragments.required:
            yield fragment(text, category.id, category.rules.priority)
    yield from triggers
    for turn in itertools.zip_longest(*(fragments.optional for _, fragments in parts)):
        for (category, _), text in zip(parts, turn, strict=True):
            if text is not None:
                yield fragment(text, category.id, category.rules.priority, is_required=False)


def _not_unwanted(fragments: Iterable[Fragment], words: Words, account: Account) -> Iterator[Fragment]:
    unwanted = words.unwanted
    for one in fragments:
        if any(said in one.sense for said in unwanted):
            account.reject(one.text, "fragment", "you said not to show it", one.source)
        else:
            yield one


def _not_wanted(fragments: Iterable[Fragment], words: Words, account: Account) -> Iterator[Fragment]:
    wanted = words.wanted
    for one in fragments:
        if one.sense in wanted:
            account.reject(one.text, "fragment", "your own words ask for what it would keep out", one.source)
        else:
            yield one


def _agreed(
    positive: Sequence[Fragment], negative: Sequence[Fragment], account: Account
) -> tuple[list[Fragment], list[Fragment]]:
    """Return both sides without what the other one contradicts with a higher priority; of equals the positive stays."""
    kept: tuple[list[Fragment], list[Fragment]] = ([], [])
    sides = [(one, 0) for one in positive] + [(one, 1) for one in negative]
    for one, side in sorted(sides, key=lambda both: -both[0].priority):
        opponents = kept[1 - side]
        opponent = next((other for other in opponents if _is_part(*((other, one) if side else (one, other)))), None)
        if opponent is None:
            kept[side].append(one)
            continue
        reason = f"{opponent.source} says the opposite with “{opponent.text}”, and goes first"
        account.reject(one.text, "fragment", reason, one.source)
        if opponent.source != one.source:
            account.conflict(kept=opponent.source, dropped=one.source, about=one.text, reason=reason)
    return [one for one in positive if one in kept[0]], [one for one in negative if one in kept[1]]


def _is_part(shown: Fragment, hidden: Fragment) -> bool:
    """Tell whether what is to be kept out is part of what is to be shown."""
    return hidden.sense in shown.sense


def _filled(side: Side, own: str, fragments: Iterable[Fragment], room: int, account: Account) -> str:
    """Return the person's own words and, behind them, what they do not say yet and what there is room for."""
    said, parts, counts = sense_of(own), [own] if own else [], Counter[str]()
    for one in fragments:
        if one.sense in said:
            account.reject(one.text, "fragment", f"the {side} prompt says it already", one.source)
        elif not one.is_required and _tokens(*parts, one.text) > room:
            account.reject(one.text, "fragment", f"the {side} prompt has room for {room} tokens", one.source)
        else:
            parts.append(one.text)
            said += f"|{one.sense}"
            counts[one.source] += 1
    for source, count in counts.items():
        detail = f"Merged {count} {side} fragment{'s' if count > 1 else ''}"
        account.step("composition", "prompt_merge", detail, source)
    return _joined(own, parts)


def _joined(own: str, parts: Sequence[str]) -> str:
    if own.endswith((".", "!", "?", ":")) and len(parts) > 1:
        return f"{own} {', '.join(parts[1:])}"
    return ", ".join(parts)


def _note_left_out(texts: Iterable[str], account: Account) -> None:
    if listed := ", ".join(dict.fromkeys(texts)):
        account.reject(listed, "fragment", "the workflow has no negative prompt that does anything", "workflow")


def _tokens(*texts: str) -> float:
    return TOKENS_OF_WORD * sum(len(text.split()) for text in texts)


def _tidy(text: str) -> str:
    """Return a text in one line, without a comma at its ends; nothing of the marks that tags leave behind."""
    line = " ".join(text.split()).strip(",; ").lstrip(",;: ")
    return line if line.strip(string.punctuation + " ") else ""
