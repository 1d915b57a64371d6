"""Composes recipes of what people write, with the categories, wildcards, workflows and models of an installation."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from comfy_gen.app.planner import Varied
from comfy_gen.composition.adapting import adapt
from comfy_gen.composition.choices.stock import Stock
from comfy_gen.composition.compose import compose
from comfy_gen.composition.preview import preview
from comfy_gen.composition.texts.variants import Expanded, expand, has_variants
from comfy_gen.composition.tier import highest, lowest
from comfy_gen.errors import ForbiddenContentError, NoEngineError, PolicyTierError
from comfy_gen.pipeline.choice import TEXT_TEMPLATES
from comfy_gen.validation.retry import new_seed
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.slots import is_literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.app.knowledge import Knowledge
    from comfy_gen.app.planner import Planner
    from comfy_gen.composition.adapting import Adapted
    from comfy_gen.composition.ask import Ask
    from comfy_gen.composition.categories.registry import Categories, Registry
    from comfy_gen.composition.compose import Composition
    from comfy_gen.composition.preview import Preview
    from comfy_gen.composition.recipe import Recipe
    from comfy_gen.composition.texts.wildcards import Wildcards
    from comfy_gen.composition.tier import Tier
    from comfy_gen.config import CompositionOptions
    from comfy_gen.library.recipes import Recipes
    from comfy_gen.pipeline.request import GenerationRequest
    from comfy_gen.workflows.template import Template

log = logging.getLogger(__name__)

TEMPLATES = (*TEXT_TEMPLATES, "wan2.2-t2v")
"""The workflows that recipes are for where nobody names one, in the order of preference."""

LONG = 2_000
"""Characters of a text that others should not have to wait for while it is read."""

KEPT = 30 * 86_400
"""Seconds for which a recipe is kept that nothing was made of."""
PRUNE_EVERY = 3_600
"""Seconds between two looks for those that are older."""


class Composer:
    """Composes, and keeps what came of it. Lives on one loop."""

    def __init__(
        self,
        *,
        categories: Categories,
        wildcards: Wildcards,
        knowledge: Knowledge,
        planner: Planner,
        recipes: Recipes,
        options: CompositionOptions,
    ) -> None:
        self._categories = categories
        self._wildcards = wildcards
        self._knowledge = knowledge
        self._planner = planner
        self._recipes = recipes
        self._options = options
        self._has_read = False
        self._pruned = 0.0
        self._usual: Stock | None = None

    async def registry(self) -> Registry:
        """Return the categories as they are now; files that changed are read again."""
        if not self._has_read:  # all of them, and a dictionary: that takes a while
            await asyncio.to_thread(lambda: self._categories.current().lexicon)
            self._has_read = True
        return self._categories.current()

    async def compose(self, ask: Ask, owner: str = "") -> Composition:
        """Return a recipe, which is kept, and why it is as it is; ``owner`` is who the log says has asked.

        Raises:
            CompositionError: none can be made.
            PolicyTierError: it would need a higher tier.
            ForbiddenContentError: no tier allows it.
            ModelNotFoundError: the engines have no model for it.
        """
        registry, stock = await self.registry(), await self._stock(ask.wishes.workflow)
        text = await self.expanded(ask.input, ask.seed)
        ask = replace(ask, seed=text.seed if text.choices else ask.seed)
        try:
            composition = compose(ask, registry, stock, text=text)
        except ForbiddenContentError as error:
            log.warning("%s; asked for by %r, in a text to be composed", error.message, owner)
            raise
        await self.keep(composition.recipe)
        return composition

    async def preview(self, ask: Ask) -> Preview:
        """Return what a text means.

        Raises:
            PromptSyntaxError: its variants or wildcards cannot be read.
        """
        # Of variants the same ones at each key, or what they mean would change although nobody changed it.
        text = await self.expanded(ask.input, 0 if ask.seed is None else ask.seed)
        registry = await self.registry()
        if len(text.text) > LONG:
            return await asyncio.to_thread(preview, ask, registry, text=text)
        return preview(ask, registry, text=text)

    async def adapt(
        self,
        recipe: Recipe,
        targets: Sequence[str],
        *,
        tier: Tier,
        may: Tier,
        preserve_loras: bool,
        preserve_settings: bool,
    ) -> Adapted:
        """Return a recipe for other categories, which is kept, and what had to change for them.

        Raises:
            CategoryNotFoundError: there is no such category.
            PolicyTierError: the recipe, or a category, needs a higher tier.
            ConfigurationError: the engines have no model for it.
        """
        _check(recipe, tier, may)
        registry = await self.registry()
        needed = highest(recipe.tier, *(registry.get(one).tier for one in targets))
        adapted = adapt(
            replace(recipe, tier=lowest(tier, needed)),  # no more than it takes: who may have less can use it, too
            targets,
            registry,
            await self._stock(recipe.workflow or None),
            preserve_loras=preserve_loras,
            preserve_settings=preserve_settings,
            may=may,
        )
        await self.keep(adapted.composition.recipe)
        return adapted

    async def keep(self, recipe: Recipe) -> None:
        """Keep a recipe, so that it is found by its id. One that is lost in a power failure can be composed again."""
        now = time.time()
        await self._recipes.keep(recipe, now=now, is_durable=False)
        if now - self._pruned > PRUNE_EVERY:
            self._pruned = now
            await self._recipes.prune(now - KEPT)

    async def recipe(self, recipe_id: str, *, tier: Tier, may: Tier) -> Recipe:
        """Return a recipe that was kept.

        Raises:
            RecipeNotFoundError: there is none.
            PolicyTierError: it needs a higher tier.
        """
        recipe = await self._recipes.get(recipe_id)
        _check(recipe, tier, may)
        return recipe

    async def expanded(self, text: str, seed: int | None) -> Expanded:
        """Return a text with its variants chosen; without a seed of the caller's, by chance.

        Raises:
            PromptSyntaxError: they cannot be read.
        """
        if not has_variants(text):
            return Expanded(text, (), 0 if seed is None else seed)
        return expand(text, new_seed() if seed is None else seed, await self.wildcards())

    async def wildcards(self) -> Mapping[str, Sequence[str]]:
        """Return the lines of each wildcard by its name."""
        return await asyncio.to_thread(self._wildcards.current)

    async def varied(self, request: GenerationRequest) -> GenerationRequest | Varied:
        """Return a request whose prompt has its variants chosen, if it has any.

        Raises:
            PromptSyntaxError: they cannot be read.
        """
        named = request.inputs.get("seed")
        seed = named if is_literal(named, (int,)) else None if request.seed == -1 else request.seed
        written = request.prompt or ""
        text = await self.expanded(written, seed)
        if text.text == written:
            return request
        seeded = text.choices and named is None
        chosen = replace(request, prompt=text.text, seed=text.seed if seeded else request.seed)
        return Varied(chosen, written, text.choices)

    async def _stock(self, workflow: str | None) -> Stock:
        """Return what there is to work with, the workflow that was named first."""
        usual = await self._usual_stock()
        if workflow is None:
            return usual
        named = await self._planner.template(workflow)
        return replace(usual, templates=(named, *(one for one in usual.templates if one.name != named.name)))

    async def _usual_stock(self) -> Stock:
        try:
            models = await self._knowledge.models(need="compose")
        except NoEngineError:
            models = None
        if self._usual is None or self._usual.models is not models:  # it remembers what it looked up
            names = tuple(_pair(one) for one in self._options.models)
            self._usual = Stock(_shipped(), models, names, self._options.max_lora_strength)
        return self._usual


def _check(recipe: Recipe, tier: Tier, may: Tier) -> None:
    if not tier.allows(recipe.tier):
        raise PolicyTierError(recipe.tier, tier, ["this recipe"], may)


@cache
def _shipped() -> tuple[Template, ...]:
    return tuple(map(load_template, TEMPLATES))


def _pair(said: str) -> tuple[str, str]:
    name, _, file = said.partition("=")
    return name, file
