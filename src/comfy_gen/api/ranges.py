"""Which part of a file a request asks for (RFC 9110, section 14). Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

_RANGE = re.compile(r"bytes\s*=\s*(?:(?P<first>\d{1,18})-(?P<last>\d{0,18})|-(?P<suffix>\d{1,18}))\s*", re.IGNORECASE)


class Part(NamedTuple):
    """A part of a file."""

    start: int
    stop: int
    """One after the last byte."""


class NoSuchPartError(ValueError):
    """A file has no part where one is asked for."""


def part_of(header: str | None, size: int) -> Part | None:
    """Return the part that a ``Range`` asks for; None for the whole file.

    The whole is also the answer to several parts at once, and to what cannot be read: a server may ignore either.

    Raises:
        NoSuchPartError: the file ends before it, or the part is empty.
    """
    found = _RANGE.fullmatch((header or "").strip())
    if found is None:
        return None
    if found["suffix"] is not None:
        return _checked(max(size - int(found["suffix"]), 0), size, size)
    start = int(found["first"])
    last = int(found["last"]) if found["last"] else size - 1
    if found["last"] and last < start:
        return None  # by the standard it means nothing
    return _checked(start, min(last + 1, size), size)


def _checked(start: int, stop: int, size: int) -> Part:
    if start >= size or start >= stop:
        raise NoSuchPartError
    return Part(start, stop)


def names_tag(header: str | None, tag: str) -> bool:
    """Tell whether an ``If-None-Match`` names a tag."""
    tags = [one.strip().removeprefix("W/") for one in (header or "").split(",")]
    return tag in tags or "*" in tags


def is_same(if_range: str | None, tag: str) -> bool:
    """Tell whether a part may be sent as far as an ``If-Range`` goes: what it names is the file that is here."""
    return if_range is None or if_range.strip() == tag
