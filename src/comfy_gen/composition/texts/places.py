"""Tells where in a text the words stand that were read in it, once choices, LoRAs and tags are out of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.composition.texts.lora_tags import take_loras
from comfy_gen.composition.texts.tags import take_tags
from comfy_gen.composition.texts.variants import pieces_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from comfy_gen.composition.texts.variants import Expanded

_LOOSE = frozenset(",;\\")
"""What may go, beside blanks, where a tag or LoRA is taken out of a text, or where an @ is escaped."""


class Span(NamedTuple):
    """A part of a text: the places of its first character and of that after its last."""

    start: int
    end: int


class Places:
    """A text as it was written, and what was read in it."""

    def __init__(self, written: str, expanded: Expanded | None = None) -> None:
        self._written = written
        chosen = _Trace.of_choices(written, expanded)
        named = take_loras(chosen.text)
        plain = chosen.without(named.cuts, named.text)
        tagged = take_tags(named.text)
        self._read = plain.without(tagged.cuts, tagged.text)
        self._tags: dict[str, list[Span]] = {}
        for tag, (start, end) in zip(tagged.tags, tagged.spans, strict=True):
            self._tags.setdefault(tag, []).extend(self._spans(plain, [(start, end)]))

    @property
    def tags(self) -> Mapping[str, Sequence[Span]]:
        """Where each tag stands, by what it is called there."""
        return self._tags

    def of(self, parts: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
        """Return where parts of what was read stand in what was written; what a choice came to is where the choice is.

        Words that a tag parts are two.
        """
        return tuple(dict.fromkeys(self._spans(self._read, parts)))

    def _spans(self, trace: _Trace, parts: Iterable[tuple[int, int]]) -> Iterator[Span]:
        for start, end in parts:
            yield from self._joined(origin for origin in trace.origins[start:end] if origin is not None)

    def _joined(self, spans: Iterable[Span]) -> Iterator[Span]:
        """Give spans as few: one goes on as long as there is nothing but blanks before the next."""
        last: Span | None = None
        for span in spans:
            if last is None:
                last = span
            elif not _has_letters(self._written[last.end : span.start]):
                last = Span(last.start, max(last.end, span.end))
            else:
                yield last
                last = span
        if last is not None:
            yield last


class _Trace(NamedTuple):
    """A text, and where each of its characters comes from; None for a blank between others."""

    text: str
    origins: Sequence[Span | None]

    @classmethod
    def of_choices(cls, written: str, expanded: Expanded | None) -> _Trace:
        if expanded is None or expanded.text == written:
            return cls(written, [Span(at, at + 1) for at in range(len(written))])
        origins: list[Span] = []
        for start, end, chosen in pieces_of(written, expanded.choices):
            if chosen is None:
                origins += (Span(at, at + 1) for at in range(start, end))
            else:
                origins += [Span(start, end)] * len(chosen)
        return cls(expanded.text, origins)

    def without(self, cuts: Sequence[tuple[int, int]], rest: str) -> _Trace:
        """Return the rest of the text, from which these parts were cut: its letters are the same, its blanks not."""
        kept = iter(_kept(self.text, cuts))
        return _Trace(rest, [self.origins[next(kept)] if _is_letter(one) else None for one in rest])


def _kept(text: str, cuts: Sequence[tuple[int, int]]) -> Iterator[int]:
    at = 0
    for start, end in (*cuts, (len(text), len(text))):
        yield from (place for place in range(at, start) if _is_letter(text[place]))
        at = end


def _is_letter(one: str) -> bool:
    """Tell whether a character stays whatever is taken out beside it."""
    return not one.isspace() and one not in _LOOSE


def _has_letters(text: str) -> bool:
    return any(map(_is_letter, text))
