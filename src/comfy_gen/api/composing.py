"""Composes what a request asks for, and tells of it as the documentation does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.api.orders import accept, earlier, quality_for
from comfy_gen.app.accepting import Taken
from comfy_gen.app.tiers import allowed
from comfy_gen.app.wishes import NAMES, ask_for
from comfy_gen.composition.compose import Composition
from comfy_gen.composition.explanation import Explanation
from comfy_gen.composition.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.api.orders import Order
    from comfy_gen.api.wire.compose import ComposeBody, PreviewBody
    from comfy_gen.app.service import Service
    from comfy_gen.app.tiers import Allowed


async def composed(service: Service, order: Order, said: ComposeBody) -> tuple[Composition, Sequence[str]]:
    """Return a recipe for a body, and what its caller should know besides.

    Raises:
        ComfyGenError: none can be made.
    """
    quality_for(service, said)  # a dry run refuses what no job could be made of, too
    tiers = allowed(order.caller, service.settings.policy, said.policy_tier or order.tier)
    values = said.model_dump(include={*NAMES, "model"}) | {"loras": [(one.name, one.strength) for one in said.loras]}
    ask = ask_for(said.input, values, await _preset(service, order, said), **bounds_of(said, tiers))
    composition = await service.composer.compose(ask, order.caller.owner)
    return composition, [tiers.note] if tiers.note else []


async def started(service: Service, order: Order, said: ComposeBody) -> tuple[Composition, Taken]:
    """Compose, and accept a job that makes the picture; or return the one that was accepted before.

    Raises:
        ComfyGenError: what stands against it.
    """
    if (before := await earlier(service, order, said)) is not None:
        request = await service.queue.store.request(before.job_id)
        return _as_before(Recipe.from_json(request.recipe or {})), Taken(before, is_replay=True, notes=())
    composition, _ = await composed(service, order, said)
    return composition, await accept(service, order, said, composition.recipe)


def shown(composition: Composition, notes: Sequence[str] = ()) -> dict[str, Any]:
    """Return what is told of a composition that no job was started of."""
    return composition.as_json() | {
        "dry_run": True,
        "generation_id": None,
        "status": None,
        "state": None,
        "links": None,
        "notes": list(notes),
    }


def _as_before(recipe: Recipe) -> Composition:
    summary = "Composed before, under the same key or id: this is the recipe of that job"
    return Composition(recipe=recipe, categories=recipe.categories, explanation=Explanation(summary), conflicts=())


async def _preset(service: Service, order: Order, said: ComposeBody) -> Mapping[str, Any]:
    if said.preset is None:
        return {}
    return (await service.presets.get(order.caller.owner, said.preset)).values


def bounds_of(said: PreviewBody, tiers: Allowed) -> dict[str, Any]:
    """Return what a composition of a body has to keep to."""
    return {
        "max_categories": said.max_categories,
        "min_confidence": said.min_confidence,
        "without": tuple(said.without),
        "tier": tiers.tier,
        "may": tiers.may,
    }
