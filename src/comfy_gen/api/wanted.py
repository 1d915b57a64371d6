"""Which generations a request is about: the conditions that all lists of the library take."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from comfy_gen.api.context import Reader  # noqa: TC001  # FastAPI reads the annotations
from comfy_gen.api.library import seen_by
from comfy_gen.library.generations import Query as Conditions

Moment = Annotated[float | None, Query(ge=0, description="Seconds since 1970.", allow_inf_nan=False)]


async def conditions_in(
    *,
    caller: Reader,
    text: Annotated[str, Query(max_length=200, description="Words of the prompt or the title.")] = "",
    category: Annotated[str, Query(max_length=100, description="A category's id.")] = "",
    model: Annotated[str, Query(max_length=255, description="A part of the name of a model file.")] = "",
    recipe: Annotated[str, Query(max_length=100, description="A recipe's id.")] = "",
    workflow: Annotated[str, Query(max_length=255, description="By name.")] = "",
    min_rating: Annotated[int | None, Query(ge=1, le=5, description="Favorites that got this, or more.")] = None,
    tag: Annotated[str, Query(max_length=64, description="Of its favorite.")] = "",
    since: Moment = None,
    until: Moment = None,
    favorites: Annotated[bool, Query(description="Favorites alone.")] = False,
    min_score: Annotated[
        float | None,
        Query(ge=0, le=1, allow_inf_nan=False, description="Those that are at least so like their prompts."),
    ] = None,
    passed: Annotated[bool | None, Query(description="Whether their pictures passed when they were judged.")] = None,
) -> Conditions:
    """Return what the generations that are asked for have in common; they are the caller's, an administrator's all."""
    return Conditions(
        text=text,
        category=category,
        model=model,
        recipe=recipe,
        workflow=workflow,
        min_rating=min_rating,
        tag=tag,
        since=since,
        until=until,
        owner=seen_by(caller),
        is_favorite=favorites,
        min_score=min_score,
        passed=passed,
    )


Wanted = Annotated[Conditions, Depends(conditions_in)]
