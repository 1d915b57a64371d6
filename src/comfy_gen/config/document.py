"""What a ``config.yaml`` says, as values with their lines. Pure; it knows neither YAML nor keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """One value as it stands in the file."""

    section: str
    name: str
    value: Any
    """None, a bool, a number or a text; a list of them; or a `Nested`."""
    line: int


class Problem(NamedTuple):
    """What is wrong with the file, and where."""

    line: int
    said: str


@dataclass(frozen=True, slots=True)
class Nested:
    """A mapping, or a list of more than single values, where no key takes any."""

    what: str


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, as far as it can be read."""

    entries: list[Entry] = field(default_factory=list[Entry])
    sections: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """Every section that is there, even an empty one, with its line."""
    stray: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """Names at the top that hold a value and no section, with their lines."""
    problems: list[Problem] = field(default_factory=list[Problem])
