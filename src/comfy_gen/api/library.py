"""Generations, favorites and presets as the service tells of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from comfy_gen.composition.tier import Tier, lowest
from comfy_gen.errors import PolicyTierError
from comfy_gen.jobs.result import output_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from comfy_gen.api.results import Results
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.library.generation import Favorite, Generation
    from comfy_gen.library.presets import Preset


def seen_by(caller: Caller) -> str | None:
    """Return whose generations a caller sees; None for everybody's."""
    return None if caller.is_admin else caller.owner


def check_again(service: Service, caller: Caller, generation: Generation) -> None:
    """Do nothing, if a caller may have such a picture made.

    Raises:
        PolicyTierError: it needs a higher tier than theirs.
    """
    may = lowest(caller.tier, Tier(service.settings.policy.max_tier))
    if not may.allows(Tier(generation.tier or Tier.GENERAL)):
        raise PolicyTierError(generation.tier, may, ["this generation"], may)


async def favorite_json(favorite: Favorite, results: Results, request: Request) -> dict[str, Any]:
    """Return what is told of a favorite."""
    return {
        "id": favorite.favorite_id,
        "generation_id": favorite.generation_id,
        "recipe_hash": favorite.recipe_id,
        "rating": favorite.rating,
        "feedback": favorite.feedback,
        "tags": list(favorite.tags),
        "image_url": favorite.artifact and await results.url(favorite.artifact, request),
        "categories": list(favorite.categories),
        "created_at": moment(favorite.created),
        "updated_at": moment(favorite.updated),
    }


async def generation_json(generation: Generation, results: Results, request: Request) -> dict[str, Any]:
    """Return what is told of a generation."""
    favorite = generation.favorite
    return {
        **{name: getattr(generation, name) for name in _SAME_NAMES},
        **{name: list(getattr(generation, name)) for name in ("categories", "verdicts", "notes")},
        "state": generation.state.value,
        "models": [model.as_json() for model in generation.models],
        "output": [output_of(one, url=await results.url(one, request)) for one in generation.artifacts],
        "favorite": favorite and await favorite_json(favorite, results, request),
    }


def preset_json(preset: Preset) -> dict[str, Any]:
    """Return what is told of a preset."""
    return {name: getattr(preset, name) for name in ("name", "values", "description", "created", "updated")}


def moment(seconds: float) -> str:
    """Return a moment as ISO 8601 has it, in UTC."""
    at = dt.datetime.fromtimestamp(seconds, dt.UTC).replace(microsecond=0)
    return at.isoformat().replace("+00:00", "Z")


_SAME_NAMES = (
    "generation_id",
    "created",
    "title",
    "recipe",
    "recipe_id",
    "workflow",
    "workflow_digest",
    "prompt",
    "negative_prompt",
    "seed",
    "tier",
    "engine",
    "comfyui_version",
    "version",
    "passed",
    "score",
    "take",
    "takes",
    "timings",
    "repeats",
    "run_id",
)
