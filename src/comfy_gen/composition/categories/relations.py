"""What is wrong between categories, where each file by itself is right. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from comfy_gen.composition.categories.category import Category

    Places = Mapping[tuple[str, str], int]
    """The lines of a file's texts, by field and text."""


def problems_between(
    categories: Iterable[Category],
    places: Mapping[str, Places] | None = None,
    *,
    workflows: Collection[str] = (),
) -> list[str]:
    """Return what is wrong between categories: unknown ids, demands that cannot be met, a word that two claim.

    ``places`` has the lines of their texts, by id; ``workflows`` the names of those that there are, if they are known.
    """
    known = {category.id: category for category in categories}
    check = _Check(known, places or {}, workflows)
    return [said for category in known.values() for said in check.problems_of(category)] + list(check.shared_words())


class _Check:
    def __init__(self, known: Mapping[str, Category], places: Mapping[str, Places], workflows: Collection[str]) -> None:
        self._known = known
        self._places = places
        self._workflows = workflows

    def problems_of(self, category: Category) -> Iterator[str]:
        for field, ids in _named_ids(category):
            yield from self._unknown(category, field, ids, self._known, "category")
        if self._workflows:
            for field, names in _named_workflows(category):
                yield from self._unknown(category, field, names, self._workflows, "workflow")
        yield from self._demands(category)

    def shared_words(self) -> Iterator[str]:
        claims = dict[str, str]()
        # Those that ship come first: what is told is told of the file that one may edit.
        for category in sorted(self._known.values(), key=lambda one: one.source != ""):
            for word in category.keywords.primary:
                other = claims.setdefault(word, category.id)
                if other != category.id:
                    said = f"the primary keyword {word!r} is one of {other} too: one of them may have it as secondary"
                    yield self._said(category, "keywords.primary", word, said)

    def _unknown(
        self, category: Category, field: str, names: Iterable[str], known: Collection[str], what: str
    ) -> Iterator[str]:
        for name in dict.fromkeys(names):
            if name not in known:
                (nearest,) = nearest_names(name, known, 1)
                said = f"{field} has {name!r}, and there is no such {what}; the nearest is {nearest}"
                yield self._said(category, field, name, said)

    def _demands(self, category: Category) -> Iterator[str]:
        field = "composition.requires"
        for wanted in category.rules.requires:
            other = self._known.get(wanted)
            if other is None:
                continue
            if wanted in category.rules.conflicts_with or category.id in other.rules.conflicts_with:
                yield self._said(category, field, wanted, f"it requires {wanted}, and the two conflict")
            if not category.tier.allows(other.tier):
                said = f"it requires {wanted}, whose tier is {other.tier}, and its own is {category.tier}"
                yield self._said(category, field, wanted, said)

    def _said(self, category: Category, field: str, text: str, said: str) -> str:
        line = self._places.get(category.id, {}).get((field, text))
        where = category.source or f"the category {category.id} that ships"
        return f"{where}, line {line}: {said}" if line else f"{where}: {said}"


def _named_ids(category: Category) -> Iterator[tuple[str, Sequence[str]]]:
    rules = category.rules
    yield "composition.conflicts_with", rules.conflicts_with
    yield "composition.requires", rules.requires
    yield "composition.enhances", rules.enhances
    for level, uses in (("required", category.loras.required), ("recommended", category.loras.recommended)):
        for use in uses:
            yield f"loras.{level}.when.categories", use.when.categories
            yield f"loras.{level}.when.without", use.when.without


def _named_workflows(category: Category) -> Iterator[tuple[str, Sequence[str]]]:
    yield "workflows.preferred", category.workflows.preferred
    yield "workflows.excluded", category.workflows.excluded
    for level, uses in (("required", category.loras.required), ("recommended", category.loras.recommended)):
        for use in uses:
            yield f"loras.{level}.when.workflows", use.when.workflows
