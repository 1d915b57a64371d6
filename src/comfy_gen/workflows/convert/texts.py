"""What the editor does to texts as it queues them: takes out comments, chooses, fills in names and dates. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_PIECES = re.compile(r"\\.|[{}|]|[^\\{}|]+|\\", re.DOTALL)
_ESCAPED = re.compile(r"\\([{}|])")
_TOKEN = re.compile(r"%([^%]+)%")
_UNFIT_FOR_FILES = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')
_DATE_PARTS = {"yyyy": "%year%", "MM": "%month%", "dd": "%day%", "hh": "%hour%", "mm": "%minute%", "ss": "%second%"}
"""Parts of the editor's dates, and what the engine itself fills in for the same when it saves a file."""
_DATE = re.compile(r"([A-Za-z])\1*|[^A-Za-z]+")


class Settled(NamedTuple):
    """A text without alternatives."""

    text: str
    is_random: bool
    """Whether it had any, of which the first was taken."""


def settle(text: str) -> Settled:
    """Return a prompt as the editor would send it, if its dice always fell on the first side."""
    taken: list[str] = []
    is_random, is_taken = False, True
    outside: list[bool] = []  # for each open brace, whether the text around it is taken
    for piece in _PIECES.findall(_COMMENTS.sub("", text)):
        if piece == "{":
            outside.append(is_taken)
        elif piece == "}" and outside:
            is_taken = outside.pop()
        elif piece == "|" and outside:
            is_random, is_taken = True, False
        elif is_taken:
            taken.append(piece)
    return Settled(_ESCAPED.sub(r"\1", "".join(taken)), is_random)


def fill_in(text: str, widget_value: Callable[[str, str], object]) -> str:
    """Return a file name with the values that it names: ``%KSampler.seed%``, ``%date:yyyy-MM-dd%``.

    Dates become what the engine fills in itself. What nobody knows stays as it is.
    """

    def replace(token: re.Match[str]) -> str:
        words = token[1]
        if words.startswith("date:"):
            return _date(words.removeprefix("date:")) or token[0]
        node, dot, widget = words.partition(".")
        value = widget_value(node, widget) if dot else None
        return token[0] if value is None else _UNFIT_FOR_FILES.sub("_", str(value))

    return _TOKEN.sub(replace, text)


def has_date(text: str) -> bool:
    """Tell whether a text has a date that the engine will not fill in."""
    return "%date:" in text


def _date(pattern: str) -> str:
    parts = [part[0] for part in _DATE.finditer(pattern)]
    if any(part.isalpha() and part not in _DATE_PARTS for part in parts):
        return ""
    return "".join(_DATE_PARTS.get(part, part) for part in parts)
