"""Finds what a text says is not to be shown, and how far each "no" reaches. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.composition.texts.vocabulary import (
    AFFIRMATIONS,
    BEGINNINGS,
    DRAWING,
    ENDS,
    FILLERS,
    NEGATIONS,
    NOBODY,
    POINTERS,
    SHOWING,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from comfy_gen.composition.texts.words import Word


_ALL = NEGATIONS | AFFIRMATIONS | NOBODY
_LONGEST = max(map(len, _ALL))
_FIRST = frozenset(phrase[0] for phrase in _ALL)

_SEGMENT = 3
"""Words that one part of a list of unwanted things has at most."""
_LIST = 30
"""Words of such a list at most."""


class Negation(NamedTuple):
    """A stretch of words that is not to be shown, half open."""

    start: int
    end: int
    meant: str = ""
    """What is not to be shown, where it is none of these words: people, of "nobody"."""


def negations_of(words: Sequence[Word]) -> tuple[Negation, ...]:
    """Return the stretches of words that some "no" reaches, without the "no" itself."""
    return tuple(each for each in _negations(words) if each.start < each.end)


def _negations(words: Sequence[Word]) -> Iterator[Negation]:
    at = 0
    while at < len(words):
        if length := _matches(words, at, AFFIRMATIONS) or _cancelled(words, at):
            at += length
        elif length := _matches(words, at, NOBODY):
            yield Negation(at, at + length, "people")
            at += length
        elif length := _cue(words, at):
            end = _end(words, at + length)
            yield Negation(at + length, end)
            at = max(end, at + length)
        elif _is_free(words, at):
            yield Negation(at, at + 1)
            at += 2
        else:
            at += 1


def _matches(words: Sequence[Word], at: int, phrases: Container[tuple[str, ...]]) -> int:
    """Return how many words the longest of the phrases has that stands here; 0 if none does."""
    if words[at].form not in _FIRST:
        return 0
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
        here = words[at : at + length]
        if tuple(word.form for word in here) in phrases and not any(word.mark for word in here[1:]):
            return length
    return 0


def _cue(words: Sequence[Word], at: int) -> int:
    """Return how many words say "no" here."""
    if words[at].form == "no" and at + 1 < len(words) and words[at + 1].form.isdecimal():
        return 0  # a number
    return _matches(words, at, NEGATIONS) or int(words[at].form.endswith("n't"))


def _cancelled(words: Sequence[Word], at: int) -> int:
    """Return how many words two cues have that cancel each other out: "never without"."""
    after = at + _cue(words, at)
    if after == at or after == len(words) or words[after].mark:
        return 0
    second = _cue(words, after)
    return after + second - at if second else 0


def _is_free(words: Sequence[Word], at: int) -> bool:
    """Tell whether a word is the first of one such as "crowd-free"."""
    here, after = words[at], words[at + 1] if at + 1 < len(words) else None
    return after is not None and after.form == "free" and after.is_hyphenated and here.form not in FILLERS


def _end(words: Sequence[Word], start: int) -> int:
    """Return where what is said not to be shown ends."""
    is_listed = start < len(words) and words[start].mark == ":"
    has_said = False
    for at in range(start, len(words)):
        word = words[at]
        if word.mark and not (is_listed and word.mark in ":,") and not _goes_on(words, at, start):
            return at
        if has_said and not is_listed and _is_end(words, at):
            return at
        has_said = has_said or _is_telling(word)
    return len(words)


def _is_telling(word: Word) -> bool:
    return word.form not in FILLERS and word.form not in ENDS


def _is_end(words: Sequence[Word], at: int) -> bool:
    form = words[at].form
    if form == "and" and at + 1 < len(words):
        return words[at + 1].form in BEGINNINGS or words[at + 1].form in ENDS
    return form in ENDS or _cue(words, at) > 0 or _is_order(words, at)


def _is_order(words: Sequence[Word], at: int) -> bool:
    """Tell whether a verb here says what to show instead; after an "or" it is one more that is not to be done."""
    if at + 1 == len(words) or words[at + 1].mark or words[at - 1].form in {"or", "nor"}:
        return False
    here, after = words[at].form, words[at + 1].form
    return here in DRAWING or (here in SHOWING and after in POINTERS)


def _goes_on(words: Sequence[Word], at: int, start: int) -> bool:
    """Tell whether a comma parts two unwanted things: some "or" follows before anything else begins."""
    length = 0
    for here in range(at, min(at + _LIST, len(words))) if at > start and words[at].mark == "," else ():
        word = words[here]
        if word.form == "or":
            return True
        length = 1 if word.mark else length + 1
        if length > _SEGMENT or word.mark not in {"", ","} or word.form in BEGINNINGS or _is_end(words, here):
            return False
    return False


def things_of(words: Sequence[Word], negation: Negation, text: str, *, joined: Container[int] = ()) -> Iterator[str]:
    """Give each of the things that are not to be shown, in the person's words.

    ``joined`` are places of words that belong to the word before, as "and" does in "black and white".
    """
    if negation.meant:
        yield negation.meant
        return
    part: list[Word] = []
    for at in range(negation.start, negation.end):
        word = words[at]
        is_apart = at not in joined and (word.mark or word.form in {"or", "and"})
        if is_apart and part:
            yield text[part[0].start : part[-1].end]
            part = []
        if part or _is_telling(word):
            part.append(word)
    if part:
        yield text[part[0].start : part[-1].end]
