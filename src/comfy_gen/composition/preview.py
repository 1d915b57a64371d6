"""Says what a text means, without making a recipe of it: for those who are still typing. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from comfy_gen.composition.choices.gathering import Claim
from comfy_gen.composition.choices.selection import members_of, violations_of
from comfy_gen.composition.explanation import Account
from comfy_gen.composition.texts.parsing import read_text
from comfy_gen.composition.texts.places import Places
from comfy_gen.composition.texts.tags import id_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.composition.ask import Ask
    from comfy_gen.composition.categories.category import Category
    from comfy_gen.composition.categories.registry import Registry
    from comfy_gen.composition.choices.gathering import Member
    from comfy_gen.composition.choices.selection import Violation
    from comfy_gen.composition.explanation import Conflict
    from comfy_gen.composition.texts.parsing import Found, Reading
    from comfy_gen.composition.texts.places import Span
    from comfy_gen.composition.texts.variants import Expanded

Source = Literal["tag", "inferred", "required"]
_SOURCES: Mapping[Claim, Source] = {Claim.TAGGED: "tag", Claim.REQUIRED: "required", Claim.INFERRED: "inferred"}


@dataclass(frozen=True, slots=True)
class Inferred:
    """A category that a text seems to mean."""

    category: Category
    confidence: float
    spans: tuple[Span, ...] = ()
    """Where the words stand that speak for it, in the text as it was written."""

    @property
    def id(self) -> str:
        """The category's id."""
        return self.category.id

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "id": self.id,
            "confidence": round(self.confidence, 2),
            "type": str(self.category.kind),
            "display_name": self.category.display_name,
            "icon": self.category.icon,
            "spans": [[*span] for span in self.spans],
        }


@dataclass(frozen=True, slots=True)
class Used(Inferred):
    """A category that a recipe would be made with."""

    source: Source = "inferred"

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {**Inferred.as_json(self), "source": self.source}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a text means."""

    tags_found: tuple[str, ...]
    categories_inferred: tuple[Inferred, ...]
    """The surest first."""
    categories: tuple[Used, ...]
    """Those that a recipe would be made with: first those tagged, then the surest."""
    conflicts: tuple[Conflict, ...]
    """Categories that it means and that cannot go together."""
    policy_violations: tuple[Violation, ...]
    unknown_tags: Mapping[str, tuple[str, ...]]
    """Each with the ids nearest to it."""
    negated: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "tags_found": list(self.tags_found),
            "categories_inferred": [one.as_json() for one in self.categories_inferred],
            "categories": [one.as_json() for one in self.categories],
            "conflicts": [asdict(one) for one in self.conflicts],
            "policy_violations": [
                {"id": one.id, "kind": one.kind, "needs": str(one.needs)} for one in self.policy_violations
            ],
            "unknown_tags": {tag: list(nearest) for tag, nearest in self.unknown_tags.items()},
            "negated": list(self.negated),
        }


def preview(ask: Ask, registry: Registry, *, text: Expanded | None = None) -> Preview:
    """Return what a text means; a text that nothing can be composed of is no error here.

    ``text`` is what its variants and wildcards came to, if it has any.
    """
    reading = read_text(ask.input if text is None else text.text, registry.lexicon)
    account = Account()
    known = (id_of(one, registry.lexicon.kinds) for one in ask.without)
    ask = replace(ask, without=tuple(one for one in known if one is not None))
    members = members_of(reading, registry, ask, account)
    places = _Places(ask.input, text, reading, registry)
    likely = (found for found in reading.inferred if found.confidence >= ask.min_confidence)
    return Preview(
        tags_found=reading.tags,
        categories_inferred=tuple(
            Inferred(registry.get(found.id), found.confidence, places.words(found)) for found in likely
        ),
        categories=tuple(places.used(member) for member in members),
        conflicts=account.conflicts,
        policy_violations=tuple(violations_of(reading, registry, ask.tier)),
        unknown_tags=reading.unknown_tags,
        negated=reading.negated,
    )


class _Places:
    """Where the words stand that speak for each category."""

    def __init__(self, written: str, text: Expanded | None, reading: Reading, registry: Registry) -> None:
        self._places = Places(written, text)
        self._found = {found.id: found for found in reading.inferred}
        self._tags: dict[str, list[Span]] = {}
        for tag, spans in self._places.tags.items():
            if (known := id_of(tag, registry.lexicon.kinds)) is not None:
                self._tags.setdefault(known, []).extend(spans)

    def words(self, found: Found) -> tuple[Span, ...]:
        return self._places.of((one.start, one.end) for one in found.evidence)

    def used(self, member: Member) -> Used:
        category, source = member.category, _SOURCES[member.claim]
        if source == "tag":
            return Used(category, 1.0, tuple(self._tags.get(category.id, ())), source)
        found = self._found.get(category.id)
        if found is None:  # nothing in the text speaks for it
            return Used(category, 1.0, (), "required")
        return Used(category, found.confidence, self.words(found), source)
