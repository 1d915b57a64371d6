"""Stacks the LoRAs that categories want, no stronger together than a picture bears. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from comfy_gen.composition.categories.category import LoraUse
from comfy_gen.composition.explanation import conjoined
from comfy_gen.composition.recipe import MAX_STRENGTH
from comfy_gen.errors import ConfigurationError, InvalidParameterError, InvalidRequestError, ModelNotFoundError
from comfy_gen.workflows.families import family_in
from comfy_gen.workflows.matching import stem_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from comfy_gen.composition.categories.category import Category
    from comfy_gen.composition.choices.choosing import Chosen
    from comfy_gen.composition.choices.stock import Stock
    from comfy_gen.composition.explanation import Account
    from comfy_gen.composition.recipe import RecipeLora

FOLDER = "loras"
WEAKEST = 0.05
"""A LoRA that would have to be weaker is left out: it costs time, and nobody sees it."""


@dataclass(frozen=True, slots=True)
class Stacked:
    """A LoRA that is used, and who wants it."""

    file: str
    strength: float
    source: str
    """A category, or ``you``."""
    triggers: tuple[str, ...] = ()
    is_required: bool = False

    @property
    def is_yours(self) -> bool:
        """Whether the person said it outright: nothing is changed of its strength."""
        return self.source == "you"


def stack(
    categories: Sequence[Category],
    chosen: Chosen,
    stock: Stock,
    account: Account,
    *,
    wished: Sequence[RecipeLora] = (),
    kept: Sequence[RecipeLora] = (),
) -> tuple[Stacked, ...]:
    """Return the LoRAs to use: those wished for, then those of an earlier recipe, then the categories'.

    Nothing is changed of a wish but its name, to that of the engines. ``categories`` come in the order of their
    priority.

    Raises:
        ModelNotFoundError: the engines lack one that is wished for.
        InvalidParameterError: one is to be stronger than any can be.
        InvalidRequestError: several of that.
    """
    own = _wished(wished, stock, account)
    uses = [*_kept(kept, categories, chosen, account), *_wanted(categories, chosen, account)]
    stacked = _once([*own, *(found for use in uses if (found := _located(use, stock, account)))], account)
    capped = _capped(stacked, stock.max_lora_strength, account)
    for one in capped:
        detail = f"Added the LoRA {one.file} with a strength of {one.strength:g}"
        account.step("loras", "lora_selection", detail, one.source)
    return tuple(capped)


def _kept(
    kept: Iterable[RecipeLora], categories: Sequence[Category], chosen: Chosen, account: Account
) -> Iterator[Stacked]:
    ids = [category.id for category in categories]
    for name, strength in kept:
        if reason := _obstacle(LoraUse(name), chosen, ids):
            account.reject(name, "lora", reason, "recipe")
        elif not _is_avoided(name, categories, account, "recipe"):
            yield Stacked(name, strength, "recipe")


def _wanted(categories: Sequence[Category], chosen: Chosen, account: Account) -> Iterator[Stacked]:
    """Yield what categories want for this workflow, the required ones first."""
    ids = [category.id for category in categories]
    uses = [(category, use, True) for category in categories for use in category.loras.required]
    uses += [(category, use, False) for category in categories for use in category.loras.recommended]
    for category, use, is_required in uses:
        if reason := _obstacle(use, chosen, ids):
            account.reject(use.filename, "lora", reason, category.id)
        elif not _is_avoided(use.filename, categories, account, category.id):
            yield Stacked(use.filename, use.strength, category.id, use.triggers, is_required)


def _wished(loras: Sequence[RecipeLora], stock: Stock, account: Account) -> list[Stacked]:
    """Return those that are wished for, by the names that the engines have for them."""
    if errors := [*_faults(loras, stock)]:
        raise errors[0] if len(errors) == 1 else InvalidRequestError(errors)
    uses = (Stacked(name, strength, "you") for name, strength in loras)
    return [found for use in uses if (found := _located(use, stock, account))]


def _faults(loras: Sequence[RecipeLora], stock: Stock) -> Iterator[ConfigurationError]:
    for name, strength in dict(loras).items():
        if stock.locate(name, FOLDER) is None:
            yield ModelNotFoundError(name, FOLDER, stock.nearest(name, FOLDER))
        if abs(strength) > MAX_STRENGTH:
            expected = f"from {-MAX_STRENGTH:g} to {MAX_STRENGTH:g}"
            yield InvalidParameterError(f"the strength of the LoRA {name}", strength, expected)


def _obstacle(use: LoraUse, chosen: Chosen, ids: Sequence[str]) -> str:
    """Return why a LoRA is not for this picture; empty if it is."""
    if "loras" not in chosen.capabilities:
        return f"{chosen.template.name} has no place for LoRAs"
    made_for = use.when.families or tuple(filter(None, [family_in(use.filename)]))
    if made_for and chosen.family not in made_for:
        return f"it is made for {conjoined(made_for)}, not for the model of {chosen.template.name}"
    if not use.when.holds(family=chosen.family, workflow=chosen.template.name, categories=ids):
        return f"it is for other workflows than {chosen.template.name}, or for other categories"
    return ""


def _is_avoided(name: str, categories: Sequence[Category], account: Account, source: str) -> bool:
    for category in categories:
        if stem_of(name).casefold() in {stem_of(one).casefold() for one in category.loras.avoid}:
            account.reject(name, "lora", f"{category.id} avoids it", source)
            return True
    return False


def _located(use: Stacked, stock: Stock, account: Account) -> Stacked | None:
    """Return the LoRA by the name that the engines have for it; None if they have nothing like it."""
    found = stock.locate(use.file, FOLDER) or stock.similar(use.file, FOLDER)
    if found is None:
        account.reject(use.file, "lora", "the engines have no LoRA of this name, nor one like it", use.source)
        return None
    if found.why:
        account.step("loras", "lora_replacement", f"Took {found.file} for {use.file}: {found.why}", use.source)
    return replace(use, file=found.file)


def _once(uses: Iterable[Stacked], account: Account) -> list[Stacked]:
    """Return each LoRA once, as the first who wants it does, with everybody's triggers."""
    by_stem: dict[str, Stacked] = {}
    for use in uses:
        first = by_stem.setdefault(stem_of(use.file).casefold(), use)
        if first is use:
            continue
        if first.strength != use.strength:
            who = "you want" if first.is_yours else f"{first.source} wants"
            reason = f"{who} it with {first.strength:g}, and not with {use.strength:g}"
            account.reject(use.file, "lora", reason, use.source)
        triggers = tuple(dict.fromkeys((*first.triggers, *use.triggers)))
        merged = replace(first, triggers=triggers, is_required=first.is_required or use.is_required)
        by_stem[stem_of(use.file).casefold()] = merged
    return [*by_stem.values()]


def _capped(stacked: Sequence[Stacked], most: float, account: Account) -> list[Stacked]:
    """Return them so weak that they come to no more than the cap; what would be too weak is left out."""
    own = [one for one in stacked if one.is_yours]
    others = [one for one in stacked if not one.is_yours]
    room = max(0.0, most - _total(own))
    while others and _total(others) > room:
        share = room / _total(others)
        weak = [one for one in others if _floor(one.strength * share) < WEAKEST]
        if not weak:
            return [*own, *_weakened(others, share, most, account)]
        # Those that are merely recommended go first, of these the weakest.
        least = min(weak, key=lambda one: (one.is_required, abs(one.strength)))
        others.remove(least)
        account.reject(
            least.file, "lora", f"all LoRAs together may come to {most:g}, and no room is left", least.source
        )
    return [*own, *others]


def _weakened(uses: Iterable[Stacked], share: float, most: float, account: Account) -> Iterator[Stacked]:
    account.step(
        "loras", "lora_cap", f"Weakened the LoRAs to {share:.0%}: together they may come to {most:g}", "limits"
    )
    for use in uses:
        yield replace(use, strength=math.copysign(_floor(use.strength * share), use.strength))


def _floor(strength: float) -> float:
    """Return the amount with two digits, never more than it was."""
    return math.floor(abs(strength) * 100) / 100


def _total(uses: Iterable[Stacked]) -> float:
    return sum(abs(use.strength) for use in uses)
