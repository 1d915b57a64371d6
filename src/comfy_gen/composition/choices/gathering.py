"""Gathers the categories that go together: those that were named, then the likeliest. Pure.

Each is taken in turn, with those that it requires, while there is room. Of those that a text surely means a subject
goes first, and one of each kind before the second of any: a castle is not left out for its light and lens. Of two that
cannot go together one is struck off, and the rest is taken anew: nobody gives way to a category that is not used in the
end.
"""

from __future__ import annotations

import itertools
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.explanation import conjoined
from comfy_gen.composition.texts.inference import SURE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from comfy_gen.composition.ask import Ask
    from comfy_gen.composition.categories.category import Category
    from comfy_gen.composition.categories.registry import Registry
    from comfy_gen.composition.explanation import Account
    from comfy_gen.composition.texts.parsing import Found


class Claim(IntEnum):
    """How a category came in; of two that cannot go together the stronger claim is kept."""

    INFERRED = 0
    REQUIRED = 1
    """By one that was tagged."""
    TAGGED = 2


class Member(NamedTuple):
    """A category that is used."""

    category: Category
    claim: Claim
    why: str
    """In words, as what follows “Took portrait (subject)”."""


class _Clash(NamedTuple):
    """Two categories that cannot go together, by their ids."""

    kept: str
    dropped: str
    reason: str


def gather(
    named: Sequence[Member],
    likely: Sequence[Found],
    registry: Registry,
    ask: Ask,
    account: Account,
    *,
    barred: Mapping[str, str],
) -> list[Member]:
    """Return those that are used, and note each that is not, and why.

    ``barred`` are the ids of those that must not be, each with the reason.
    """
    struck: dict[str, _Clash] = {}
    while True:
        turn = _Round(registry, ask, {**barred, **{one: clash.reason for one, clash in struck.items()}})
        for member in named:
            turn.take(member)
        turn.take_likely(likely)
        if (clash := _clash(turn.members.values())) is None:
            break
        # Whoever gave way to the one that is struck off now may come in again.
        struck = {one: earlier for one, earlier in struck.items() if earlier.kept != clash.dropped}
        struck[clash.dropped] = clash
    for dropped, (kept, _, reason) in struck.items():
        account.conflict(kept=kept, dropped=dropped, about="category", reason=reason)
        account.reject(dropped, "category", reason, "selection")
    for what, reason, source in turn.rejected:
        account.reject(what, "category", reason, source)
    members = [*turn.members.values()]
    _note_members(members, account)
    return members


def _note_members(members: Sequence[Member], account: Account) -> None:
    for category, _, why in members:
        account.step("selection", "category_selection", f"Took {category.id} ({category.kind}): {why}", category.id)
    first, *others = [member.category.id for member in members if member.category.kind is Kind.SUBJECT] or [""]
    if others:
        are = "is" if len(others) == 1 else "are"
        detail = f"{first} is the primary subject; {conjoined(others)} {are} shown beside it"
        account.step("selection", "primary_subject", detail, first)


class _Round:
    """Takes candidates in turn, with those that they require, while there is room."""

    def __init__(self, registry: Registry, ask: Ask, barred: Mapping[str, str]) -> None:
        self.members: dict[str, Member] = {}
        self.rejected: list[tuple[str, str, str]] = []
        """Those that were not taken, each with the reason and who wanted it."""
        self._registry = registry
        self._ask = ask
        self._barred = barred
        """Those that may not come in, each with the reason."""

    def take(self, member: Member) -> None:
        """Take one, unless something stands against it, and all that it requires."""
        category, claim, _ = member
        if category.id in self._barred:
            return
        if category.id in self.members:  # it came along with another
            if claim > self.members[category.id].claim:
                self.members[category.id] = member
            return
        if reason := self._full() or self._crowd(member):
            self.rejected.append((category.id, reason, "selection"))
        else:
            self._add(member)

    def take_likely(self, likely: Iterable[Found]) -> None:
        """Take those that a text seems to mean, the likeliest first."""
        left = {found.id: found for found in likely if found.id not in self._barred}
        while left:
            found = left.pop(min(left, key=lambda one: self._rank(left[one])))
            category = self._registry.get(found.id)
            self.take(Member(category, Claim.INFERRED, f"{found.confidence:.2f} sure by {words_of(found)}"))

    def _rank(self, found: Found) -> tuple[float, ...]:
        """Return what is least for the next to be taken; of equals it is the one that the text has first."""
        category = self._registry.get(found.id)
        taken = [member.category for member in self.members.values()]
        return (
            *self._place_among_sure(found, category, taken),
            -round(found.confidence, 2),
            not any(found.id in other.rules.enhances for other in taken),
            -category.rules.priority,
            found.evidence[0].start,
        )

    def _place_among_sure(self, found: Found, category: Category, taken: Sequence[Category]) -> tuple[float, ...]:
        """Return what puts the first of each kind before the second of any, where a text surely means them."""
        if found.confidence < SURE:
            return True, 0, False
        return False, sum(other.kind is category.kind for other in taken), category.kind is not Kind.SUBJECT

    def _add(self, member: Member) -> None:
        self.members[member.category.id] = member
        claim = min(member.claim, Claim.REQUIRED)
        for needed in member.category.rules.requires:
            if needed in self.members:
                continue
            if reason := self._missing(needed) or self._full():
                said = f"{member.category.id} requires it, but {reason}"
                self.rejected.append((needed, said, member.category.id))
            else:
                self._add(Member(self._registry.get(needed), claim, f"{member.category.id} requires it"))

    def _missing(self, needed: str) -> str:
        """Return why a category that is required cannot come; empty if it can."""
        if needed not in self._registry:
            return "there is no such category"
        tier = self._registry.get(needed).tier
        if not self._ask.tier.allows(tier):
            return f"it needs the tier {tier}, and this request is {self._ask.tier}"
        return self._barred.get(needed, "")

    def _full(self) -> str:
        most = self._ask.max_categories
        said = f"there is room for {most} {'category' if most == 1 else 'categories'}"
        return said if len(self.members) >= most else ""

    def _crowd(self, member: Member) -> str:
        """Return why there are enough of its kind; those that were named are never too many."""
        category, claim, _ = member
        same = [other.category for other in self.members.values() if other.category.kind is category.kind]
        if claim is not Claim.INFERRED or not same or len(same) < min(map(_most, (*same, category))):
            return ""
        taken = f"{conjoined([other.id for other in same])} {'is' if len(same) == 1 else 'are'}"
        return f"{taken} the {category.kind} already; categories that are tagged are used beside each other"


def _most(category: Category) -> float:
    """Return how many of its kind may be used where it is: one subject, and any number of others."""
    if category.rules.max_per_type is not None:
        return category.rules.max_per_type
    return 1 if category.kind is Kind.SUBJECT else float("inf")


def _clash(members: Iterable[Member]) -> _Clash | None:
    """Return the first two that cannot go together, as seen from the strongest; of equals the earlier is kept."""
    ranked = sorted(members, key=lambda one: (-one.claim, -one.category.rules.priority))
    for kept, dropped in itertools.combinations(ranked, 2):
        if _exclude(kept.category, dropped.category):
            ids = kept.category.id, dropped.category.id
            return _Clash(*ids, f"{conjoined(ids)} cannot go together, and {_why_kept(kept, dropped)}")
    return None


def _exclude(one: Category, other: Category) -> bool:
    return other.id in one.rules.conflicts_with or one.id in other.rules.conflicts_with


def _why_kept(kept: Member, dropped: Member) -> str:
    if kept.claim is not dropped.claim:
        words = {Claim.TAGGED: "was tagged", Claim.REQUIRED: "is required by one that was", Claim.INFERRED: "was not"}
        return f"{kept.category.id} {words[kept.claim]}, {dropped.category.id} {words[dropped.claim]}"
    ours, theirs = kept.category.rules.priority, dropped.category.rules.priority
    if ours != theirs:
        return f"{kept.category.id} goes before {dropped.category.id}"
    return "the one named first is kept" if kept.claim is Claim.TAGGED else "the likelier one is kept"


def words_of(found: Found) -> str:
    """Return the words that speak for a category, as a sentence has them."""
    return conjoined([f"“{one.words}”" for one in found.evidence[:2]])
