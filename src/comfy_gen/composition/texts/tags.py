"""Finds the @tags of a text, which name categories outright, and takes them out of it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_NAME = r"@([A-Za-z0-9](?:[\w-]*[A-Za-z0-9])?)"
# Not in an address (ann@example.org), not escaped; a weight of a tag alone goes with it.
_TAG = re.compile(
    rf"(?<![\w\\@.+-])(?:\({{1,9}}\s*{_NAME}\s*(?::\s*[\d.]+\s*)?\){{1,9}}|{_NAME}(?::\d+(?:\.\d+)?)?)(?![@\w])",
    re.ASCII,
)
_ESCAPED = re.compile(r"\\@")
_CUE = re.compile(
    r"(?:^|(?<=[\s,;.(]))(?:no|not|without|avoid|never|except|exclude)\s+(?:any\s+|an?\s+|the\s+)?$", re.IGNORECASE
)

_CUE_REACH = 40
"""Characters before a tag in which its "no" is looked for."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A text and the tags that stood in it."""

    text: str
    """Without them."""
    tags: tuple[str, ...]
    """As written, without the @, in their order."""
    negated: tuple[str, ...] = ()
    """Those that are not to be: ``no @people``."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where each of the tags stood: from one place up to another."""
    cuts: tuple[tuple[int, int], ...] = ()
    """What was taken out: all tags, with what says no to them."""


def take_tags(text: str) -> Tagged:
    """Return the text without its tags, and the tags."""
    rest, tags, negated, last = "", list[str](), list[str](), 0
    spans, cuts = list[tuple[int, int]](), list[tuple[int, int]]()
    for match in _TAG.finditer(text):
        before = joined(rest, text[last : match.start()]) if last else text[: match.start()]
        cue = _CUE.search(before, max(0, len(before) - _CUE_REACH))
        (negated if cue else tags).append(match[1] or match[2])
        cuts.append((match.start() - (len(cue[0]) if cue else 0), match.end()))
        if not cue:
            spans.append(match.span())
        rest, last = before[: cue.start()] if cue else before, match.end()
    if not last:
        return Tagged(_ESCAPED.sub("@", text), ())
    rest = joined(rest, text[last:])
    return Tagged(_ESCAPED.sub("@", rest.strip()), tuple(tags), tuple(negated), tuple(spans), tuple(cuts))


def joined(before: str, after: str) -> str:
    """Return what stood on both sides of a tag, without the comma and the blank too many."""
    before, after = before.rstrip(" \t"), after.lstrip(" \t")
    if after.startswith((",", ";")) and (not before or before.endswith((",", ";", "("))):
        after = after[1:].lstrip(" \t")
    if not after or after.startswith((".", "!", "?", ")")):
        before = before.rstrip(" \t,;")
    is_apart = before and after and after[0] not in ",.;:!?)]}" and before[-1] not in "([{"
    return f"{before} {after}" if is_apart else before + after


def id_of(tag: str, ids: Collection[str]) -> str | None:
    """Return the category's id that a tag means, whatever its case and its hyphens."""
    name = tag.lower().replace("_", "-")
    return name if name in ids else None
