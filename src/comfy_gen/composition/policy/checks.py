"""Tells which tier a text needs, and refuses what no tier allows. Pure but for the log.

It goes by words, in English, and knows the common disguises of them. It cannot know what a model makes of a text that
says nothing of it; for that finished pictures are looked at (`validation.safety`).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.composition.policy import terms
from comfy_gen.composition.policy.ages import has_minor_age
from comfy_gen.composition.policy.disguises import readings
from comfy_gen.composition.policy.shown import all_texts, texts_of
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import ForbiddenContentError, PolicyTierError
from comfy_gen.workflows.graph import as_workflow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from comfy_gen.workflows.graph import Workflow

__all__ = ["Needs", "check_allowed", "check_minors", "check_tier", "check_workflow", "needs", "texts_of"]

log = logging.getLogger(__name__)

_NEEDED = {Tier.EXPLICIT: terms.EXPLICIT | terms.FORBIDDEN, Tier.MATURE: terms.NUDE | terms.GORE}
_SEXUAL = terms.EXPLICIT | terms.NUDE | terms.SUGGESTIVE
_TERMS = _SEXUAL | terms.GORE | terms.MINORS | terms.FORBIDDEN
_LONGEST_TERM = max(len(term.split()) for term in _TERMS)
_TELLING = frozenset(f"{term.split()[-1]}{ending}" for term in _TERMS for ending in ("", "s"))
"""Words without one of which a text has no term: most texts have none, and are done with in no time."""
_WORDS = frozenset(term for term in _SEXUAL | terms.MINORS if " " not in term)
_LONGEST_WORD = 2 * max(map(len, _WORDS))
_HEADS, _TAILS = (frozenset(word[:3] for word in _WORDS), frozenset(word[-3:] for word in _WORDS))


class Needs(NamedTuple):
    """Which tier a text needs."""

    tier: Tier
    by: tuple[str, ...] = ()
    """The words that need it; those of a lower tier are not among them."""


def needs(text: str) -> Needs:
    """Return the tier that a text needs by its words."""
    words = _terms_in(readings(text), _IN_TIERS)
    for tier, listed in _NEEDED.items():
        if found := words & listed:
            return Needs(tier, tuple(sorted(found)))
    return Needs(Tier.GENERAL)


def check_tier(texts: Iterable[str], tier: Tier, may: Tier) -> None:
    """Do nothing, if texts may be painted in a tier.

    Raises:
        PolicyTierError: they need a higher one; ``may`` is the highest that the caller may ask for.
    """
    needed, words = needs("\n".join(texts))
    if not tier.allows(needed):
        raise PolicyTierError(needed, tier, words, may)


def check_minors(texts: Iterable[str]) -> None:
    """Do nothing, if texts which are painted together are not sexual, or not of minors.

    Raises:
        ForbiddenContentError: they are both.
    """
    if _is_forbidden("\n".join(texts)):
        raise ForbiddenContentError


def check_workflow(workflow: Workflow, owner: str = "") -> None:
    """Do nothing, if the texts of a workflow that say what is to be seen are not forbidden; a refusal is logged.

    Raises:
        ForbiddenContentError: they are.
        WorkflowFormatError: they may be, and the workflow is none.
    """
    # To tell which texts are negative takes much longer than to see that there is nothing to tell.
    if not _is_forbidden("\n".join(all_texts(workflow))):
        return
    texts = texts_of(as_workflow(workflow))
    if _is_forbidden("\n".join(texts)):
        error = ForbiddenContentError()
        log.warning("%s; asked for by %r, with the texts %s", error.message, owner, _fingerprint(texts))
        raise error


def check_allowed(workflow: Workflow, tier: Tier, may: Tier, owner: str = "") -> None:
    """Do nothing, if a tier allows what the texts of a workflow say; what none allows is refused as that.

    What this tier allows may yet be forbidden: for that the queue asks `check_workflow` of each job that it accepts.

    Raises:
        PolicyTierError: they need a higher tier; ``may`` is the highest that the caller may ask for.
        ForbiddenContentError: they do, and no tier allows them.
    """
    try:
        check_tier(texts_of(workflow), tier, may)
    except PolicyTierError:
        check_workflow(workflow, owner)
        raise


def _fingerprint(texts: Iterable[str]) -> str:
    """Return what the log calls texts that it must not repeat."""
    return hashlib.sha256("\n".join(texts).encode("utf-8", "replace")).hexdigest()[:16]


def _is_forbidden(text: str) -> bool:
    read = readings(text)
    found = _terms_in(read, _WITH_MINORS)
    if found & terms.FORBIDDEN:
        return True
    return bool(found & _SEXUAL) and (bool(found & terms.MINORS) or has_minor_age(text, read))


_Phrases = Mapping[str, Sequence[Sequence[str]]]
"""Words of phrases, by the first of them."""


def _by_first_word(phrases: Iterable[str]) -> _Phrases:
    """Return phrases to be looked for, the longest first."""
    found: dict[str, list[list[str]]] = {}
    for words in sorted((phrase.split() for phrase in phrases), key=len, reverse=True):
        found.setdefault(words[0], []).append(words)
    return found


_WITH_MINORS, _IN_TIERS = _by_first_word(terms.HARMLESS), _by_first_word(terms.HARMLESS | terms.COLORS)


def _terms_in(read: Iterable[str], harmless: _Phrases) -> set[str]:
    """Return every run of words that could be a term, in the singular too."""
    found: set[str] = set()
    for one in read:
        words = one.split()
        found.update(*(_glued(word) for word in {*words} if word[:3] in _HEADS and word[-3:] in _TAILS))
        if _TELLING.isdisjoint(words):
            continue
        words = _without(harmless, words)
        for length in range(1, _LONGEST_TERM + 1):
            found.update(" ".join(words[start : start + length]) for start in range(len(words) - length + 1))
    return found | {one[:-1] for one in found if one.endswith("s")}


def _glued(word: str) -> Iterator[str]:
    """Yield both words, where two terms were written as one."""
    for at in range(3, len(word) - 2) if len(word) <= _LONGEST_WORD else ():
        if word[:at] in _WORDS and word[at:] in _WORDS:
            yield word[:at]
            yield word[at:]


def _without(phrases: _Phrases, words: Sequence[str]) -> list[str]:
    """Return the words with a point in place of each of the phrases."""
    kept: list[str] = []
    at = 0
    while at < len(words):
        starting = phrases.get(words[at], ())
        length = next((len(phrase) for phrase in starting if words[at : at + len(phrase)] == phrase), 0)
        kept.append("." if length else words[at])
        at += length or 1
    return kept
