"""Selects the categories that a text means, as far as its tier allows them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from comfy_gen.composition.choices.gathering import Claim, Member, gather, words_of
from comfy_gen.composition.policy.checks import needs
from comfy_gen.composition.texts.inference import SURE
from comfy_gen.composition.tier import highest
from comfy_gen.errors import NoCategoryError, PolicyTierError, UnknownTagError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comfy_gen.composition.ask import Ask
    from comfy_gen.composition.categories.category import Category
    from comfy_gen.composition.categories.registry import Registry
    from comfy_gen.composition.explanation import Account
    from comfy_gen.composition.texts.parsing import Found, Reading
    from comfy_gen.composition.tier import Tier


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that needs a higher tier than was asked for."""

    id: str
    """The category, or the word."""
    kind: Literal["category", "word"]
    needs: Tier
    said: str
    """As the text has it."""


def select(reading: Reading, registry: Registry, ask: Ask, account: Account) -> tuple[Category, ...]:
    """Return the categories to use: first those tagged, in the text's order, then the surest.

    Raises:
        UnknownTagError: a tag is no category's id.
        PolicyTierError: what was tagged, or is surely meant, needs a higher tier.
        NoCategoryError: there is none.
    """
    if reading.unknown_tags:
        raise UnknownTagError(reading.unknown_tags)
    if violations := violations_of(reading, registry, ask.tier):
        needed = highest(*(one.needs for one in violations))
        raise PolicyTierError(needed, ask.tier, [one.said for one in violations], ask.may)
    members = members_of(reading, registry, ask, account)
    if not members:
        raise NoCategoryError(ask.input, ask.min_confidence, [found.id for found in reading.inferred[:3]])
    return tuple(member.category for member in members)


def violations_of(reading: Reading, registry: Registry, tier: Tier) -> list[Violation]:
    """Return the categories that a text surely means, and its words, that need a higher tier."""
    tagged = [(f"@{category.id}", category) for category in _tagged(reading, registry)]
    sure = [(_said(found), registry.get(found.id)) for found in reading.inferred if found.confidence >= SURE]
    needed, words = needs(reading.names_and_text)
    found = [
        *(Violation(category.id, "category", category.tier, said) for said, category in (*tagged, *sure)),
        *(Violation(word, "word", needed, word) for word in words),
    ]
    return [one for one in found if not tier.allows(one.needs)]


def members_of(reading: Reading, registry: Registry, ask: Ask, account: Account) -> list[Member]:
    """Return the categories to use, and note each that is not, and why."""
    tagged = [Member(category, Claim.TAGGED, "it was tagged") for category in _tagged(reading, registry)]
    likely = [found for found in reading.inferred if _is_likely(found, registry, ask, account)]
    barred = {one: "the text says not to show it" for one in reading.negated_ids if one not in reading.tags}
    unwanted = dict.fromkeys(ask.without, "you asked for it to be left out")
    for one, reason in (barred | unwanted).items():
        account.reject(one, "category", reason, "you" if one in unwanted else "parser")
    for one in reading.tags:
        if one in reading.negated_ids:
            reason = f"the text says not to show {one}, and @{one} asks for it: the tag counts"
            account.conflict(kept=one, dropped="you", about="category", reason=reason)
    return gather(tagged, likely, registry, ask, account, barred=barred | unwanted)


def _tagged(reading: Reading, registry: Registry) -> Iterator[Category]:
    return map(registry.get, dict.fromkeys(reading.tags))


def _is_likely(found: Found, registry: Registry, ask: Ask, account: Account) -> bool:
    needed = registry.get(found.id).tier
    if found.confidence < ask.min_confidence:
        reason = f"{_said(found)} is {found.confidence:.2f} sure, and less than {ask.min_confidence:g} does not count"
    elif not ask.tier.allows(needed):
        reason = f"it needs the tier {needed}, and this request is {ask.tier}"
    else:
        return True
    account.reject(found.id, "category", reason, "parser")
    return False


def _said(found: Found) -> str:
    return f"{found.id} ({words_of(found)})"
