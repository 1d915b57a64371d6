r"""Makes one text of a prompt with variants ``{a|b|c}`` and wildcards ``__name__``: the same for the same seed. Pure.

======================  ======================================================================
``{a|b|c}``             one of them; they may hold further ones
``{2::a|b}``            a twice as often as b
``{2$$a|b|c}``          two of them, in any order
``{1-2$$ and $$a|b|c}`` one or two, with ``and`` between
``__animals/small__``   a line of the wildcard ``animals/small``; ``{2$$__name__}`` is two of its lines
``\{  \}  \|  \_``      these characters as such
======================  ======================================================================

Braces without ``|`` are nothing special.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.errors import PromptSyntaxError
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DEEPEST = 10
"""How far variants and wildcards may hold each other."""
LONGEST = 10_000
"""Characters, before and after."""
MOST_CHOICES = 1_000

_MARKS = re.compile(r"\\[{}|_]|[{}|]|__([^\W_]+(?:[-_./][^\W_]+)*)__")
_AMOUNT = re.compile(r"\s*(\d{1,3})(?:-(\d{1,3}))?\$\$(?:([^{}|$]*)\$\$)?")
_WEIGHT = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)::")
_SEPARATOR = ", "


@dataclass(frozen=True, slots=True)
class Choice:
    """What was taken where there was a choice."""

    position: int
    """In the text as given, of the character where the choice begins; that of the outermost wildcard in its lines."""
    options_count: int
    chosen: str
    """Without any choice left in it."""
    source: str = ""
    """The wildcard's name; empty for variants."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """A text without choices, and how it came about."""

    text: str
    choices: tuple[Choice, ...]
    """In the text's order, the outer one before those inside it."""
    seed: int


def expand(text: str, seed: int, wildcards: Mapping[str, Sequence[str]]) -> Expanded:
    """Return the text with every choice made.

    Raises:
        PromptSyntaxError: a variant has no end, a wildcard is not known, or it is too much of either.
    """
    expansion = _Expansion(seed, wildcards)
    whole = expansion.resolve(_scan(text), 0, len(text), depth=0)
    return Expanded(whole, tuple(expansion.choices), seed)


class Piece(NamedTuple):
    """A part of a text with choices: a stretch without any, or one choice as a whole."""

    start: int
    end: int
    chosen: str | None
    """What the choice came to; None where there is none."""


def pieces_of(text: str, choices: Sequence[Choice]) -> Iterator[Piece]:
    """Give the parts of a text in their order; ``choices`` are those that `expand` made in it.

    What is chosen, and all else but for backslashes before marks, is the text that `expand` returned.
    """
    groups = _scan(text).groups
    outer = {choice.position: choice for choice in reversed(choices)}  # the first of each place holds the others
    at = 0
    while (mark := _MARKS.search(text, at)) is not None:
        yield Piece(at, mark.start(), None)
        group = groups.get(mark.start())
        at = mark.end() if group is None else group.end + 1
        if mark[1] or group is not None:
            yield Piece(mark.start(), at, outer[mark.start()].chosen)
        else:
            yield Piece(at - len(mark[0].removeprefix("\\")), at, None)
    yield Piece(at, len(text), None)


def has_variants(text: str) -> bool:
    """Tell whether `expand` has anything to do, or to complain of."""
    marks = {mark[0][0] for mark in _MARKS.finditer(text)}
    if marks <= {"|", "}"}:
        return False
    try:
        return bool(_scan(text).groups) or not marks.isdisjoint("\\_")
    except PromptSyntaxError:
        return True


class _Group(NamedTuple):
    """Variants: where they end, and what separates them."""

    end: int
    bars: list[int]


class _Scanned(NamedTuple):
    """A text, and where its variants are."""

    text: str
    groups: dict[int, _Group]
    """By the place of the opening brace."""
    anchor: int | None = None
    """In a line of a wildcard: the place in the prompt that led to it."""

    def place(self, position: int) -> int:
        return position if self.anchor is None else self.anchor


class _Option(NamedTuple):
    """A part of a text that may be taken."""

    scanned: _Scanned
    start: int
    end: int
    weight: float


def _scan(text: str, anchor: int | None = None) -> _Scanned:
    """Find which braces belong together and are variants.

    Raises:
        PromptSyntaxError: the text is too long, or variants have no end.
    """
    scanned = _Scanned(text, {}, anchor)
    if len(text) > LONGEST:
        raise PromptSyntaxError(f"the text is longer than {LONGEST:,} characters", scanned.place(LONGEST))
    opened: list[tuple[int, list[int]]] = []
    for mark in _MARKS.finditer(text):
        if mark[0] == "{":
            opened.append((mark.start(), []))
        elif mark[0] == "|" and opened:
            opened[-1][1].append(mark.start())
        elif mark[0] == "}" and opened:
            start, bars = opened.pop()
            if bars or _AMOUNT.match(text, start + 1):
                scanned.groups[start] = _Group(mark.start(), bars)
    for start, bars in opened:
        if bars:
            raise PromptSyntaxError("a { with variants has no }", scanned.place(start))
    return scanned


class _Expansion:
    """The choices of one text, as they are made."""

    def __init__(self, seed: int, wildcards: Mapping[str, Sequence[str]]) -> None:
        self.choices: list[Choice] = []
        self._seed = seed
        self._wildcards = wildcards
        self._draws = 0

    def resolve(self, scanned: _Scanned, start: int, end: int, *, depth: int) -> str:
        """Return a part of a text with all choices made.

        Raises:
            PromptSyntaxError: it cannot be done.
        """
        parts: list[str] = []
        at = start
        while (mark := _MARKS.search(scanned.text, at, end)) is not None:
            parts.append(scanned.text[at : mark.start()])
            at = mark.end()
            if mark[1]:
                parts.append(self._wildcard(scanned, mark, depth))
            elif (group := scanned.groups.get(mark.start())) is not None:
                parts.append(self._variants(scanned, mark.start(), group, depth))
                at = group.end + 1
            else:
                parts.append(mark[0].removeprefix("\\"))
        parts.append(scanned.text[at:end])
        whole = "".join(parts)
        if len(whole) > LONGEST:
            raise PromptSyntaxError(f"it comes to more than {LONGEST:,} characters", scanned.place(start))
        return whole

    def _wildcard(self, scanned: _Scanned, mark: re.Match[str], depth: int) -> str:
        options = self._lines(scanned, mark)
        return self._choose(options, mark[1], scanned.place(mark.start()), _Amount(1, 1), depth)

    def _variants(self, scanned: _Scanned, start: int, group: _Group, depth: int) -> str:
        place = scanned.place(start)
        amount, begin = _amount_in(scanned, start, group)
        name = ""
        sole = None if group.bars else _MARKS.fullmatch(scanned.text, begin, group.end)
        if sole is not None and sole[1]:
            name, options = sole[1], self._lines(scanned, sole)
        else:
            options = [*_options_in(scanned, begin, group)]
        if amount.most > len(options):
            raise PromptSyntaxError(f"{amount.most} are wanted of {len(options)}", place)
        return self._choose(options, name, place, amount, depth)

    def _lines(self, scanned: _Scanned, mark: re.Match[str]) -> list[_Option]:
        """Return the lines of a wildcard.

        Raises:
            PromptSyntaxError: there are none.
        """
        place = scanned.place(mark.start())
        lines = self._wildcards.get(mark[1])
        if lines is None:
            near = nearest_names(mark[1], self._wildcards, limit=3)
            meant = f"; there are {', '.join(f'__{name}__' for name in near)}" if near else ", for there are none"
            raise PromptSyntaxError(f"no wildcard is called __{mark[1]}__{meant}", place)
        if not lines:
            raise PromptSyntaxError(f"the wildcard __{mark[1]}__ has no lines", place)
        return [_option(_Scanned(line, {}, place), 0, len(line)) for line in lines]

    def _choose(self, options: Sequence[_Option], name: str, place: int, amount: _Amount, depth: int) -> str:
        """Take some of the options and return them, resolved; write down which."""
        if depth >= DEEPEST:
            raise PromptSyntaxError(f"variants and wildcards hold each other more than {DEEPEST} deep", place)
        if len(self.choices) >= MOST_CHOICES:
            raise PromptSyntaxError(f"there are more than {MOST_CHOICES:,} choices", place)
        own = len(self.choices)
        self.choices.append(Choice(place, len(options), "", name))  # its place, before those inside it
        taken = self._take(options, amount, place)
        chosen = amount.separator.join(self._resolve(option, depth + 1) for option in taken)
        self.choices[own] = Choice(place, len(options), chosen, name)
        return chosen

    def _resolve(self, option: _Option, depth: int) -> str:
        scanned = option.scanned
        if scanned.anchor is not None and not scanned.groups:  # a wildcard's line is read once it is taken
            scanned = _scan(scanned.text, scanned.anchor)
        return self.resolve(scanned, option.start, option.end, depth=depth)

    def _take(self, options: Sequence[_Option], amount: _Amount, place: int) -> list[_Option]:
        """Return as many options as are wanted, each once, at random."""
        count = amount.least + int(self._draw() * (amount.most - amount.least + 1)) if amount.is_open else amount.most
        left, taken = [*options], list[_Option]()
        for _ in range(count):
            if not any(option.weight for option in left):
                raise PromptSyntaxError("too few variants have a weight above 0", place)
            taken.append(left.pop(_fallen([option.weight for option in left], self._draw())))
        return taken

    def _draw(self) -> float:
        """Return the next number of the seed's own row, from 0 to below 1: the same on every machine and Python."""
        digest = hashlib.sha256(f"{self._seed}/{self._draws}".encode()).digest()
        self._draws += 1
        return int.from_bytes(digest[:6], "big") / 2**48


class _Amount(NamedTuple):
    """How many are taken, and what stands between them."""

    least: int
    most: int
    separator: str = _SEPARATOR

    @property
    def is_open(self) -> bool:
        return self.least != self.most


def _amount_in(scanned: _Scanned, start: int, group: _Group) -> tuple[_Amount, int]:
    """Return how many of a group's variants are wanted, and where the first of them begins.

    Raises:
        PromptSyntaxError: that is no number of things.
    """
    found = _AMOUNT.match(scanned.text, start + 1, group.end)
    if found is None:
        return _Amount(1, 1), start + 1
    least = int(found[1])
    amount = _Amount(least, int(found[2] or least), _SEPARATOR if found[3] is None else found[3])
    if amount.least > amount.most or not amount.most:
        raise PromptSyntaxError(f"{found[0].strip()} is no number of variants", scanned.place(start))
    return amount, found.end()


def _options_in(scanned: _Scanned, begin: int, group: _Group) -> list[_Option]:
    """Return the variants of a group."""
    starts = [begin, *(bar + 1 for bar in group.bars)]
    return [_option(scanned, start, end) for start, end in zip(starts, [*group.bars, group.end], strict=True)]


def _option(scanned: _Scanned, start: int, end: int) -> _Option:
    weight = _WEIGHT.match(scanned.text, start, end)
    return _Option(scanned, weight.end() if weight else start, end, float(weight[1]) if weight else 1.0)


def _fallen(weights: Sequence[float], drawn: float) -> int:
    """Return the place that a number from 0 to 1 falls on, if each takes as much as it weighs."""
    left = drawn * sum(weights)
    for place, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return place
    return max(place for place, weight in enumerate(weights) if weight)  # what rounding leaves over
