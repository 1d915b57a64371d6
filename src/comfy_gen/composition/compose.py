"""Composes a recipe of what a person wrote, and says why it is as it is. Pure: the same gives the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from comfy_gen.composition.ask import Ask, Wishes
from comfy_gen.composition.categories.card import card_of
from comfy_gen.composition.categories.category import Category, Kind, Rules, WorkflowWishes
from comfy_gen.composition.choices.choosing import choose
from comfy_gen.composition.choices.loras import stack
from comfy_gen.composition.choices.merging import Words, fragment, merge
from comfy_gen.composition.choices.selection import select
from comfy_gen.composition.choices.settings import settle
from comfy_gen.composition.choices.stock import Stock
from comfy_gen.composition.explanation import Account, Conflict, Explanation, conjoined
from comfy_gen.composition.policy.checks import check_minors
from comfy_gen.composition.recipe import Recipe, RecipeLora, graph_digest
from comfy_gen.composition.texts.parsing import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from comfy_gen.composition.categories.registry import Registry
    from comfy_gen.composition.choices.loras import Stacked
    from comfy_gen.composition.choices.merging import Fragment
    from comfy_gen.composition.texts.parsing import Reading
    from comfy_gen.composition.texts.variants import Choice, Expanded

__all__ = ["Ask", "Composition", "Draft", "Stock", "Wishes", "compose", "recipe_for"]


@dataclass(frozen=True, slots=True)
class Composition:
    """A recipe, and how it came about."""

    recipe: Recipe
    categories: tuple[str, ...]
    """The ids of those used: first those tagged, then the surest."""
    explanation: Explanation
    conflicts: tuple[Conflict, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON, with the recipe's id, by which it is found again."""
        return {
            "recipe": self.recipe.as_json(),
            "recipe_id": self.recipe.id,
            "categories_used": list(self.categories),
            "explanation": self.explanation.as_json(),
            "conflicts": [asdict(one) for one in self.conflicts],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a recipe is made of once it is known what the text means."""

    ask: Ask
    words: Words
    categories: tuple[Category, ...]
    expansions: tuple[Choice, ...] = ()
    kept: Recipe | None = None
    """An earlier recipe: its workflow, model, LoRAs and settings are kept where the categories bear them."""


def compose(ask: Ask, registry: Registry, stock: Stock, *, text: Expanded | None = None) -> Composition:
    """Return a recipe for a text; ``text`` is what its variants and wildcards came to, if it has any.

    Raises:
        ForbiddenContentError: no tier allows it.
        PolicyTierError: it needs a higher tier.
        CompositionError: it names categories that there are not, or none at all.
        CategoryNotFoundError: one that is to be left out is none.
        ConfigurationError: what was wished for cannot be had, or the engines have no model for it.
    """
    account = Account()
    ask = replace(ask, without=tuple(registry.get(one).id for one in ask.without))
    reading = read_text(ask.input if text is None else text.text, registry.lexicon)
    check_minors([reading.names_and_text])
    _note_reading(reading, text, account)
    categories = select(reading, registry, ask, account)
    account.step("policy", "tier_check", f"All that is used is allowed in the tier {ask.tier}", "policy")
    words = Words(reading.text, reading.negated, ask.wishes.negative_prompt or "")
    expansions = () if text is None else text.choices
    loras = (*ask.wishes.loras, *reading.loras)
    ask = replace(ask, wishes=replace(ask.wishes, loras=loras))
    return recipe_for(Draft(ask=ask, words=words, categories=categories, expansions=expansions), stock, account)


def recipe_for(draft: Draft, stock: Stock, account: Account) -> Composition:
    """Return the recipe for a text and the categories that it means.

    Raises:
        ConfigurationError: what was wished for cannot be had, or the engines have no model for it.
    """
    ask, wishes, kept = draft.ask, draft.ask.wishes, draft.kept
    ranked = sorted(draft.categories, key=lambda one: -one.rules.priority)
    chosen = choose([*_as_category(kept), *ranked], wishes, stock, account)
    loras = stack(ranked, chosen, stock, account, wished=wishes.loras, kept=kept.loras if kept else ())
    settings = settle(ranked, chosen, account, wishes=wishes, kept=kept)
    prompts = merge(
        draft.words,
        ranked,
        account,
        triggers=_triggers(loras, ranked),
        family=chosen.family,
        has_negative="negative-prompt" in chosen.capabilities,
    )
    recipe = Recipe(
        input=ask.input,
        positive_prompt=prompts.positive,
        negative_prompt=prompts.negative,
        workflow=chosen.template.name,
        workflow_digest=graph_digest(chosen.template.workflow),
        checkpoint=chosen.checkpoint,
        loras=tuple(RecipeLora(one.file, one.strength) for one in loras),
        **settings,
        seed=ask.seed,
        categories=tuple(one.id for one in draft.categories),
        tier=ask.tier,
        expansions=draft.expansions,
        without=tuple(sorted(set(ask.without))),
        version=_version(draft.categories),
    )
    account.step("recipe", "recipe_hash", f"The recipe is {recipe.id}", "recipe")
    explanation = account.explanation(_summary(draft.categories))
    return Composition(recipe, recipe.categories, explanation, account.conflicts)


def _as_category(kept: Recipe | None) -> list[Category]:
    """Return what an earlier recipe wants of workflow and model, as a category that goes before all others."""
    if kept is None:
        return []
    wishes = WorkflowWishes(preferred=(kept.workflow,))
    models = () if kept.checkpoint is None else (kept.checkpoint,)
    said = "What the recipe was made with before."
    rules = Rules(priority=1000)
    return [
        Category(
            id="recipe",
            kind=Kind.STYLE,
            display_name="Recipe",
            description=said,
            workflows=wishes,
            models=models,
            rules=rules,
        )
    ]


def _triggers(loras: Sequence[Stacked], categories: Sequence[Category]) -> list[Fragment]:
    """Return the words that LoRAs need, in the name of those who want them."""
    priorities = {one.id: one.rules.priority for one in categories}
    return [fragment(text, one.source, priorities.get(one.source, 100)) for one in loras for text in one.triggers]


def _version(categories: Iterable[Category]) -> str:
    """Return what tells the categories from what they were, or will be, before or after a change of their files."""
    return hashlib.sha256("".join(map(_digest, categories)).encode()).hexdigest()


@lru_cache(maxsize=1024)
def _digest(category: Category) -> str:
    said = json.dumps(card_of(category), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def _note_reading(reading: Reading, text: Expanded | None, account: Account) -> None:
    for choice in text.choices if text else ():
        where = f"of __{choice.source}__" if choice.source else f"of {choice.options_count} variants"
        account.step("parsing", "expansion", f"Took “{choice.chosen}” {where}", "variants")
    for name, strength in reading.loras:
        detail = f"Read <lora:{name}> as a wish for this LoRA with a strength of {strength:g}, and took it out"
        account.step("parsing", "lora_extraction", detail, "parser")
    if reading.tags:
        tags = ", ".join(f"@{tag}" for tag in reading.tags)
        detail = f"Found {tags} tag{'s' if len(reading.tags) > 1 else ''}"
        account.step("parsing", "tag_extraction", detail, "parser")
    if reading.inferred:
        meant = [f"{found.id} ({found.confidence:.2f})" for found in reading.inferred[:5]]
        account.step("parsing", "inference", f"The words speak for {conjoined(meant)}", "parser")
    if reading.negated:
        unwanted = conjoined([f"“{one}”" for one in reading.negated])
        account.step("parsing", "negation", f"Not to be shown: {unwanted}", "parser")


def _summary(categories: Sequence[Category]) -> str:
    named = conjoined([f"{one.id} ({one.kind})" for one in categories])
    return f"Selected {named} {'category' if len(categories) == 1 else 'categories'}"
