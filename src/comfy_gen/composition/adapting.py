"""Adapts a recipe to other categories, and says what had to change for them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from comfy_gen.composition.ask import Ask
from comfy_gen.composition.choices.gathering import Claim, Member, gather
from comfy_gen.composition.choices.loras import FOLDER
from comfy_gen.composition.choices.merging import Words
from comfy_gen.composition.choices.settings import SETTINGS
from comfy_gen.composition.compose import Composition, Draft, recipe_for
from comfy_gen.composition.explanation import Account, conjoined
from comfy_gen.composition.texts.parsing import read_text
from comfy_gen.composition.tier import Tier, highest
from comfy_gen.errors import PolicyTierError
from comfy_gen.workflows.matching import stem_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from comfy_gen.composition.categories.category import Category
    from comfy_gen.composition.categories.registry import Registry
    from comfy_gen.composition.choices.stock import Stock
    from comfy_gen.composition.recipe import Recipe

MOST_CATEGORIES = 10
_EMPTY = re.compile(r"\(\s*(?::\s*[\d.]+\s*)?\)|\[\s*\]")
_COMMAS = re.compile(r"\s*,(?:\s*,)*")


@dataclass(frozen=True, slots=True)
class Adapted:
    """A recipe for other categories."""

    composition: Composition
    adaptations: tuple[str, ...]
    """What was changed, a sentence each."""


@dataclass(frozen=True, slots=True)
class _Exchange:
    """Which categories go, stay and come."""

    goals: tuple[Category, ...]
    replaced: tuple[Category, ...]
    staying: tuple[Category, ...]


def adapt(
    recipe: Recipe,
    targets: Sequence[str],
    registry: Registry,
    stock: Stock,
    *,
    preserve_loras: bool = True,
    preserve_settings: bool = True,
    may: Tier = Tier.EXPLICIT,
) -> Adapted:
    """Return a recipe in which the targets take the places of the categories of their kinds.

    ``may`` is the highest tier that the caller could ask for.

    Raises:
        CategoryNotFoundError: a target is no category.
        PolicyTierError: a target needs a higher tier than the recipe has.
        ConfigurationError: the engines have no model for it.
    """
    exchange = _exchange(recipe, targets, registry)
    _check_tier(exchange.goals, recipe.tier, may)
    account = Account()
    ask = Ask(input="", max_categories=MOST_CATEGORIES, tier=recipe.tier, may=may, seed=recipe.seed)
    named = [Member(one, Claim.TAGGED, "it is a target") for one in exchange.goals]
    named += [Member(one, Claim.REQUIRED, "the recipe had it") for one in exchange.staying]
    used = tuple(one.category for one in gather(named, (), registry, ask, account, barred={}))
    reading = read_text(_own_text(recipe, registry), registry.lexicon)
    text, taken_out = _without_keywords(reading.text, exchange)
    tags = " ".join(f"@{one.id}" for one in used)
    draft = Draft(
        ask=replace(ask, input=f"{tags} {text}".strip()),
        words=Words(text, read_text(text, registry.lexicon).negated),
        categories=used,
        kept=_kept(recipe, exchange, stock, has_loras=preserve_loras, has_settings=preserve_settings),
    )
    composition = recipe_for(draft, stock, account)
    return Adapted(composition, tuple(_changes(recipe, composition, exchange, taken_out, stock)))


def _exchange(recipe: Recipe, targets: Sequence[str], registry: Registry) -> _Exchange:
    goals = {one.id: one for one in map(registry.get, targets)}
    before = [registry.get(one) for one in recipe.categories if one in registry]
    kinds = {one.kind for one in goals.values()}
    replaced = [one for one in before if one.kind in kinds and one.id not in goals]
    staying = [one for one in before if one.kind not in kinds]
    return _Exchange(tuple(goals.values()), tuple(replaced), tuple(staying))


def _check_tier(goals: Iterable[Category], tier: Tier, may: Tier) -> None:
    if above := [one for one in goals if not tier.allows(one.tier)]:
        raise PolicyTierError(highest(*(one.tier for one in above)), tier, [f"@{one.id}" for one in above], may)


# --- what is kept


def _own_text(recipe: Recipe, registry: Registry) -> str:
    """Return what the person wrote; what variants came to is found before the fragments in the prompt."""
    if not recipe.expansions:
        return recipe.input
    used = [registry.get(one) for one in recipe.categories if one in registry]
    added = {
        text for one in used for text in (one.display_name.lower(), *one.positive.required, *one.positive.optional)
    }
    added |= {text for one in used for lora in (*one.loras.required, *one.loras.recommended) for text in lora.triggers}
    parts = recipe.positive_prompt.split(", ")
    while parts and parts[-1] in added:
        parts.pop()
    return ", ".join(parts)


def _without_keywords(text: str, exchange: _Exchange) -> tuple[str, list[str]]:
    """Return a text without the words that named what is replaced, and these words."""
    staying = {word for one in (*exchange.goals, *exchange.staying) for word in one.keywords.all}
    going = {word for one in exchange.replaced for word in one.keywords.all} - staying
    if not going:
        return text, []
    words = "|".join(
        re.escape(word).replace(r"\ ", r"[\s-]+") for word in sorted(going, key=lambda one: (-len(one), one))
    )
    pattern = re.compile(rf"(?:\b(?:an?|the)\s+)?\b({words})(?:e?s)?\b(?:\s+of\b)?", re.IGNORECASE)
    taken_out = [found[1] for found in pattern.finditer(text)]
    rest = _COMMAS.sub(",", _EMPTY.sub("", pattern.sub("", text)))
    return " ".join(rest.split()).strip(", "), taken_out


def _kept(recipe: Recipe, exchange: _Exchange, stock: Stock, *, has_loras: bool, has_settings: bool) -> Recipe:
    """Return the recipe without what is not to be kept of it."""
    gone = _stems(exchange.replaced, stock)
    loras = tuple(one for one in recipe.loras if has_loras and stem_of(one.filename).casefold() not in gone)
    kept = replace(recipe, loras=loras)
    return kept if has_settings else replace(kept, workflow="", checkpoint=None, **dict.fromkeys(SETTINGS))


def _stems(categories: Iterable[Category], stock: Stock) -> set[str]:
    """Return the stems of the LoRAs that categories want, by their own names and the engines'."""
    names = {use.filename for one in categories for use in (*one.loras.required, *one.loras.recommended)}
    found = (stock.locate(name, FOLDER) or stock.similar(name, FOLDER) for name in names)
    return {stem_of(name).casefold() for name in (*names, *(one.file for one in found if one))}


# --- what was changed


def _changes(
    before: Recipe, after: Composition, exchange: _Exchange, taken_out: Sequence[str], stock: Stock
) -> Iterator[str]:
    yield from _changed_categories(before, after, exchange)
    if taken_out:
        yield f"Took {conjoined([f'“{word}”' for word in taken_out])} out of the text"
    yield from _changed_loras(before, after, exchange, stock)
    goals = conjoined([one.id for one in exchange.goals])
    for name in ("workflow", "checkpoint", *SETTINGS):
        old, new = getattr(before, name), getattr(after.recipe, name)
        if old != new:
            yield f"Changed {name} from {_said(old)} to {_said(new)} for {goals}"


def _changed_categories(before: Recipe, after: Composition, exchange: _Exchange) -> Iterator[str]:
    for goal in exchange.goals:
        if goal.id in after.categories and goal.id not in before.categories:
            replaced = [one.id for one in exchange.replaced if one.kind is goal.kind]
            yield f"Replaced {conjoined(replaced)} with {goal.id}" if replaced else f"Added {goal.id}"
    known = {one.id for one in (*exchange.replaced, *exchange.staying, *exchange.goals)}
    for gone in before.categories:
        if gone not in known:
            yield f"Left out {gone}, which is no category any more"
    for conflict in after.conflicts:
        if conflict.about == "category":
            yield f"Left out {conflict.dropped}: {conflict.reason}"


def _changed_loras(before: Recipe, after: Composition, exchange: _Exchange, stock: Stock) -> Iterator[str]:
    now = {stem_of(one.filename): one.strength for one in after.recipe.loras}
    changed = [one for one in before.loras if one not in after.recipe.loras]
    of_replaced = _stems(exchange.replaced, stock)
    replaced = [one for one in changed if stem_of(one.filename).casefold() in of_replaced]
    if replaced:
        owners = conjoined([one.id for one in exchange.replaced if one.loras.required or one.loras.recommended])
        goals = conjoined([one.id for one in exchange.goals])
        if any(one not in before.loras for one in after.recipe.loras):
            yield f"Replaced {owners} loras with {goals}-compatible alternatives"
        else:
            yield f"Left out {owners} loras, for which {goals} has no alternatives"
    reasons = {one.what: one.reason for one in after.explanation.rejected if one.kind == "lora"}
    for one in changed:
        strength = now.get(stem_of(one.filename))
        if one not in replaced and strength is not None:
            yield f"Changed the LoRA {one.filename} from {one.strength:g} to {strength:g}"
        elif one not in replaced:
            yield f"Left out the LoRA {one.filename}: {reasons.get(one.filename, 'no others were to be kept')}"


def _said(value: object) -> str:
    return "the workflow's own" if value is None else str(value)
