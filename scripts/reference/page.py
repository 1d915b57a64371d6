"""Pieces of a page of Markdown, as both MkDocs and code hosts show them. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MADE = "<!-- Made from the code by `make reference`: change it there. -->"


class UntoldError(Exception):
    """Something of the code that the reference is to tell of has no text."""


def page(title: str, *parts: str) -> str:
    """Return a whole page of what stands on it."""
    return "\n\n".join([f"# {title}", MADE, *filter(None, parts)]) + "\n"


def told(name: str, text: str | None) -> str:
    """Return what is said of something.

    Raises:
        UntoldError: nothing is.
    """
    said = " ".join((text or "").split())
    if not said:
        raise UntoldError(f"{name} has no text that says what it is for")
    return said


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning and a stop at its end."""
    said = text.strip()
    closing = "" if not said or said[-1] in ".!?:…" else "."
    return f"{said[:1].upper()}{said[1:]}{closing}"


def paragraphs(text: str) -> str:
    """Return a docstring, each paragraph of it on one line, with names in code as Markdown has them."""
    return "\n\n".join(" ".join(part.split()) for part in text.replace("``", "`").strip().split("\n\n"))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; nothing where it has no rows. A heading without a name is of a column that may be empty."""
    lines = [f"| {' | '.join(map(cell, row))} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}", *lines])


def cell(text: str) -> str:
    """Return a text as it can stand in a table: on one line, and with no bar that would end its cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: object) -> str:
    """Return a word as it is typed."""
    return f"`{text}`"


def codes(texts: Iterable[object]) -> str:
    """Return words as they are typed, one after the other."""
    return ", ".join(map(code, texts))


def any_of(texts: Iterable[object]) -> str:
    """Return words of which one is to be chosen."""
    *others, last = map(code, texts)
    return f"{', '.join(others)} or {last}" if others else last


def link(text: str, anchor: str, file: str = "") -> str:
    """Return a link to a heading of this page, or of another one."""
    return f"[{text}]({file}#{slug(anchor)})"


def slug(heading: str) -> str:
    """Return the anchor that a heading gets."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())
