"""Favorites: generations that people like, and recipes made of them."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from comfy_gen.api import composing
from comfy_gen.api.context import Generator, Reader, TheResults, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.library import favorite_json, seen_by
from comfy_gen.api.tiers import TierHeader
from comfy_gen.api.wire.library import (
    ExtractBody,
    Extracted,
    Favorite,
    FavoriteBody,
    FavoriteChange,
    Favorites,
    RatingBody,
    Removed,
)
from comfy_gen.app.tiers import allowed
from comfy_gen.composition.recipe import Recipe

router = APIRouter(prefix="/favorites", tags=["library"])

FavoritePath = Annotated[str, Path(max_length=100, description="The favorite's id.")]
_AGAIN: dict[int | str, dict[str, Any]] = {200: {"model": Favorite, "description": "It was one before."}}


@router.post("", status_code=201, response_model=Favorite, responses=problems(404, 415) | _AGAIN)
async def add(
    body: FavoriteBody,
    caller: Generator,
    service: TheService,
    results: TheResults,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """Make a generation a favorite, or rate one anew.

    Where MLflow is to be told and does not answer, that is a 503; the favorite is kept, and MLflow told later.
    """
    favorite = await service.favorites.add(
        seen_by(caller), body.generation_id, body.rating, body.feedback, body.tags, now=time.time()
    )
    response.status_code = 201 if favorite.created == favorite.updated else 200
    response.headers["Location"] = f"/favorites/{favorite.favorite_id}"
    await service.tell(favorite.generation_id, kept=f"the favorite {favorite.favorite_id}")
    return await favorite_json(favorite, results, request)


@router.get("", response_model=Favorites, responses=problems())
async def favorites(
    *,
    caller: Reader,
    service: TheService,
    results: TheResults,
    request: Request,
    min_rating: Annotated[int, Query(ge=1, le=5, description="Those that got this, or more.")] = 1,
    categories: Annotated[str, Query(max_length=1_000, description="Any of these, with commas between.")] = "",
    tags: Annotated[str, Query(max_length=1_000, description="Any of these, with commas between.")] = "",
    limit: Annotated[int, Query(ge=1, le=500, description="So many at most.")] = 20,
    offset: Annotated[int, Query(ge=0, lt=2**53, description="So many are passed over.")] = 0,
) -> dict[str, Any]:
    """List favorites, the newest first: one's own; an administrator's list has everybody's."""
    found, total = await service.favorites.list(
        seen_by(caller), min_rating, _listed(categories), _listed(tags), limit, offset
    )
    shown = [await favorite_json(one, results, request) for one in found]
    return {"favorites": shown, "total": total, "limit": limit, "offset": offset}


@router.get("/{favorite_id}", response_model=Favorite, responses=problems(404))
async def favorite(
    favorite_id: FavoritePath, caller: Reader, service: TheService, results: TheResults, request: Request
) -> dict[str, Any]:
    """Tell of a favorite."""
    return await favorite_json(await service.favorites.get(favorite_id, seen_by(caller)), results, request)


@router.delete("/{favorite_id}", response_model=Removed, responses=problems(404))
async def remove(favorite_id: FavoritePath, caller: Generator, service: TheService) -> dict[str, Any]:
    """Have a generation be no favorite any more; the generation stays."""
    removed = await service.favorites.remove(favorite_id, seen_by(caller), now=time.time())
    return {"message": "Favorite removed", "id": removed.favorite_id}


@router.put("/{favorite_id}", response_model=Favorite, responses=problems(404, 415))
async def change(
    favorite_id: FavoritePath,
    body: FavoriteChange,
    caller: Generator,
    service: TheService,
    results: TheResults,
    request: Request,
) -> dict[str, Any]:
    """Rate a favorite anew, or say something else of it; what the body leaves out stays."""
    changed = await service.favorites.change(
        favorite_id,
        seen_by(caller),
        rating=body.rating,
        feedback=body.feedback,
        tags=body.tags,
        now=time.time(),
    )
    return await favorite_json(changed, results, request)


@router.put("/{favorite_id}/rating", response_model=Favorite, responses=problems(404, 415))
async def rate(
    favorite_id: FavoritePath,
    body: RatingBody,
    caller: Generator,
    service: TheService,
    results: TheResults,
    request: Request,
) -> dict[str, Any]:
    """Rate a favorite anew."""
    rated = await service.favorites.rate(favorite_id, body.rating, body.feedback, seen_by(caller), now=time.time())
    return await favorite_json(rated, results, request)


@router.post("/{favorite_id}/extract-recipe", response_model=Extracted, responses=problems(400, 404, 415))
async def extract_recipe(
    favorite_id: FavoritePath, body: ExtractBody, caller: Generator, service: TheService, tier: TierHeader = None
) -> dict[str, Any]:
    """Return a recipe like a favorite's for other categories, and say what had to change for them."""
    found = await service.favorites.get(favorite_id, seen_by(caller))
    source = await service.library.get(found.generation_id, seen_by(caller))
    tiers = allowed(caller, service.settings.policy, tier)
    adapted = await service.composer.adapt(
        Recipe.from_json(source.recipe),
        body.target_categories,
        tier=tiers.tier,
        may=tiers.may,
        preserve_loras=body.preserve_loras,
        preserve_settings=body.preserve_settings,
    )
    told = composing.shown(adapted.composition)
    return {**told, "source_favorite": found.favorite_id, "adaptations": list(adapted.adaptations)}


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
