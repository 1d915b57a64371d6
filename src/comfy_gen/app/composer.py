"""Composes recipes of what people write, with the categories, wildcards, workflows and models of an installation."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from comfy_gen.app.planner import Varied
from comfy_gen.composition.adapting import adapt
from comfy_gen.composition.compose import compose
from comfy_gen.composition.preview import preview
from comfy_gen.composition.stock import Stock
from comfy_gen.composition.variants import Expanded, expand, has_variants
from comfy_gen.errors import NoEngineError, PolicyTierError
from comfy_gen.pipeline.choice import TEXT_TEMPLATES
from comfy_gen.validation.retry import new_seed
from comfy_gen.workflows.catalogue import load_template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.app.knowledge import Knowledge
    from comfy_gen.app.planner import Planner
    from comfy_gen.composition.adapting import Adapted
    from comfy_gen.composition.ask import Ask
    from comfy_gen.composition.compose import Composition
    from comfy_gen.composition.preview import Preview
    from comfy_gen.composition.recipe import Recipe
    from comfy_gen.composition.registry import Categories, Registry
    from comfy_gen.composition.tier import Tier
    from comfy_gen.composition.wildcards import Wildcards
    from comfy_gen.config import CompositionOptions
    from comfy_gen.library.recipes import Recipes
    from comfy_gen.pipeline.request import GenerationRequest
    from comfy_gen.workflows.template import Template

TEMPLATES = (*TEXT_TEMPLATES, "wan2.2-t2v")
"""The workflows that recipes are for where nobody names one, in the order of preference."""


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

    async def registry(self) -> Registry:
        """Return the categories as they are now; files that changed are read again."""
        return await asyncio.to_thread(self._categories.current)

    async def compose(self, ask: Ask) -> Composition:
        """Return a recipe, which is kept, and why it is as it is.

        Raises:
            CompositionError: none can be made.
            PolicyTierError: it would need a higher tier.
            ForbiddenContentError: no tier allows it.
            ModelNotFoundError: the engines have no model for it.
        """
        registry, stock = await self.registry(), await self._stock(ask.wishes.workflow)
        text = await self.expanded(ask.input, ask.seed)
        composition = compose(replace(ask, seed=text.seed if text.choices else ask.seed), registry, stock, text=text)
        await self.keep(composition.recipe)
        return composition

    async def preview(self, ask: Ask) -> Preview:
        """Return what a text means.

        Raises:
            PromptSyntaxError: its variants or wildcards cannot be read.
        """
        text = await self.expanded(ask.input, ask.seed)
        return preview(replace(ask, input=text.text), await self.registry())

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
        adapted = adapt(
            replace(recipe, tier=tier),
            targets,
            await self.registry(),
            await self._stock(recipe.workflow or None),
            preserve_loras=preserve_loras,
            preserve_settings=preserve_settings,
            may=may,
        )
        await self.keep(adapted.composition.recipe)
        return adapted

    async def keep(self, recipe: Recipe) -> None:
        """Keep a recipe, so that it is found by its id. One that is lost in a power failure can be composed again."""
        await self._recipes.keep(recipe, now=time.time(), is_durable=False)

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
        wildcards = await asyncio.to_thread(self._wildcards.current)
        return expand(text, new_seed() if seed is None else seed, wildcards)

    async def varied(self, request: GenerationRequest) -> GenerationRequest | Varied:
        """Return a request whose prompt has its variants chosen, if it has any.

        Raises:
            PromptSyntaxError: they cannot be read.
        """
        seed = None if request.seed == -1 else request.seed
        text = await self.expanded(request.prompt or "", seed)
        if text.text == request.prompt:
            return request
        chosen = replace(request, prompt=text.text, seed=text.seed if text.choices else request.seed)
        return Varied(chosen, request.prompt or "", text.choices)

    async def _stock(self, workflow: str | None) -> Stock:
        named = [] if workflow is None else [await self._planner.template(workflow)]
        return Stock(
            templates=(*named, *(one for one in _shipped() if one.name not in {other.name for other in named})),
            models=await self._models(),
            names=tuple(_pair(one) for one in self._options.models),
            max_lora_strength=self._options.max_lora_strength,
        )

    async def _models(self) -> Mapping[str, frozenset[str]] | None:
        try:
            models = await self._knowledge.models(need="compose")
        except NoEngineError:
            return None
        return {folder: frozenset(names) for folder, names in models.items()}


def _check(recipe: Recipe, tier: Tier, may: Tier) -> None:
    if not tier.allows(recipe.tier):
        raise PolicyTierError(recipe.tier, tier, ["this recipe"], may)


@cache
def _shipped() -> tuple[Template, ...]:
    return tuple(map(load_template, TEMPLATES))


def _pair(said: str) -> tuple[str, str]:
    name, _, file = said.partition("=")
    return name, file
