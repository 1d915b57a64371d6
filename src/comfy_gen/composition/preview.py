"""Tells what a text means, without making a recipe of it: for those who are still typing. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from comfy_gen.composition.choices.selection import members_of, violations_of
from comfy_gen.composition.explanation import Account
from comfy_gen.composition.texts.parsing import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.composition.ask import Ask
    from comfy_gen.composition.categories.category import Kind
    from comfy_gen.composition.categories.registry import Registry
    from comfy_gen.composition.choices.selection import Violation
    from comfy_gen.composition.explanation import Conflict


@dataclass(frozen=True, slots=True)
class Inferred:
    """A category that a text seems to mean."""

    id: str
    confidence: float
    kind: Kind


@dataclass(frozen=True, slots=True)
class Preview:
    """What a text means."""

    tags_found: tuple[str, ...]
    categories_inferred: tuple[Inferred, ...]
    """The surest first."""
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
            "categories_inferred": [
                {"id": one.id, "confidence": round(one.confidence, 2), "type": str(one.kind)}
                for one in self.categories_inferred
            ],
            "conflicts": [asdict(one) for one in self.conflicts],
            "policy_violations": [
                {"id": one.id, "kind": one.kind, "needs": str(one.needs)} for one in self.policy_violations
            ],
            "unknown_tags": {tag: list(nearest) for tag, nearest in self.unknown_tags.items()},
            "negated": list(self.negated),
        }


def preview(ask: Ask, registry: Registry) -> Preview:
    """Return what a text means; a text that nothing can be composed of is no error here."""
    reading = read_text(ask.input, registry.lexicon)
    account = Account()
    members_of(reading, registry, ask, account)
    likely = (found for found in reading.inferred if found.confidence >= ask.min_confidence)
    return Preview(
        tags_found=reading.tags,
        categories_inferred=tuple(
            Inferred(found.id, found.confidence, registry.get(found.id).kind) for found in likely
        ),
        conflicts=account.conflicts,
        policy_violations=tuple(violations_of(reading, registry, ask.tier)),
        unknown_tags=reading.unknown_tags,
        negated=reading.negated,
    )
