"""Composing: what a text means, a recipe made of it, and a picture made of that."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from comfy_gen.api import composing
from comfy_gen.api.answers import headers_of, told
from comfy_gen.api.context import Reader, TheResults, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.orders import TheOrder
from comfy_gen.api.tiers import TierHeader
from comfy_gen.api.wire.compose import ComposeBody, Composed, Preview, PreviewBody, StoredRecipe
from comfy_gen.app.tiers import allowed
from comfy_gen.composition.ask import Ask

router = APIRouter(tags=["composition"])

_DRY: dict[int | str, dict[str, Any]] = {200: {"model": Composed, "description": "A dry run: the recipe alone."}}


@router.post(
    "/compose", status_code=202, response_model=Composed, responses=problems(400, 403, 404, 409, 415, 422) | _DRY
)
async def compose(
    body: ComposeBody,
    order: TheOrder,
    service: TheService,
    results: TheResults,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """Compose a recipe of a text and its categories, and say why it is so.

    Unless it is a dry run, a job is accepted that makes the picture. Categories are named with `@`, or inferred from
    the words.
    """
    if body.dry_run:
        response.status_code = 200
        composition, notes = await composing.composed(service, order, body)
        return composing.shown(composition, notes)
    composition, taken = await composing.started(service, order, body)
    response.headers.update(headers_of(taken))
    job = await told(taken, results, order.caller, request)
    return composing.shown(composition, job["notes"]) | {
        "dry_run": False,
        **{name: job[name] for name in ("generation_id", "status", "state", "links")},
    }


@router.post("/compose/preview", response_model=Preview, responses=problems(400, 403, 415, 422))
async def preview(body: PreviewBody, caller: Reader, service: TheService, tier: TierHeader = None) -> dict[str, Any]:
    """Tell what a text means, fast enough for each key that is typed."""
    tiers = allowed(caller, service.settings.policy, body.policy_tier or tier)
    return (await service.composer.preview(Ask(input=body.input, **composing.bounds_of(body, tiers)))).as_json()


@router.get("/recipes/{recipe_id}", response_model=StoredRecipe, responses=problems(404))
async def recipe(
    recipe_id: Annotated[str, Path(max_length=100, description="The recipe's id.")],
    caller: Reader,
    service: TheService,
    tier: TierHeader = None,
) -> dict[str, Any]:
    """Return a recipe that was composed before."""
    tiers = allowed(caller, service.settings.policy, tier or caller.tier)
    found = await service.composer.recipe(recipe_id, tier=tiers.tier, may=tiers.may)
    return {"recipe_id": found.id, "recipe": found.as_json()}
