"""The models that the engines have."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from comfy_gen.api.context import Reader, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.models import models_of
from comfy_gen.api.wire.models import Models

router = APIRouter(tags=["engines"])


@router.get("/models", response_model=Models, responses=problems())
async def models(
    caller: Reader,
    service: TheService,
    folder: Annotated[str | None, Query(max_length=100, description="Only this one of ComfyUI's folders.")] = None,
    q: Annotated[str, Query(max_length=200, description="Words that a file's path must have.")] = "",
    limit: Annotated[int, Query(ge=1, le=10_000, description="So many at most.")] = 1_000,
) -> dict[str, Any]:
    """List the model files of all engines, and which engines have each."""
    del caller
    capabilities = await service.knowledge.capabilities(need="tell which models there are")
    return models_of(capabilities, folder=folder, text=q, limit=limit)
