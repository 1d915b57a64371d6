"""The categories that recipes are composed of."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from comfy_gen.api.context import Reader, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.tiers import TierHeader
from comfy_gen.api.wire.categories import Categories, OneCategory
from comfy_gen.composition.categories.card import card_of, summary_of
from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.tier import Tier

router = APIRouter(tags=["composition"])


@router.get("/categories", response_model=Categories, responses=problems())
async def categories(
    *,
    caller: Reader,
    service: TheService,
    kind: Annotated[Kind | None, Query(alias="type", description="Those of this type alone.")] = None,
    policy_tier: Annotated[
        Tier | None, Query(description="Those that this tier allows; the header or `general`, if left out.")
    ] = None,
    search: Annotated[str, Query(max_length=200, description="A part of a keyword, a name or a description.")] = "",
    tier: TierHeader = None,
) -> dict[str, Any]:
    """List the categories."""
    del caller
    registry = await service.composer.registry()
    wanted = policy_tier or tier or Tier(service.settings.policy.tier)
    found = [summary_of(one) for one in registry.find(kind=kind, tier=wanted, text=search)]
    return {"categories": found, "total": len(found)}


@router.get("/categories/{category_id}", response_model=OneCategory, responses=problems(404))
async def category(
    category_id: Annotated[str, Path(max_length=100, description="The category's id.")],
    caller: Reader,
    service: TheService,
) -> dict[str, Any]:
    """Tell all that a category brings."""
    del caller
    return {"category": card_of((await service.composer.registry()).get(category_id))}
