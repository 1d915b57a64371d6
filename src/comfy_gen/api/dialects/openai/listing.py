"""The models that OpenAI's clients find here."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from comfy_gen.api.context import Reader, TheService
from comfy_gen.api.dialects.openai.models import described, listed

router = APIRouter()


@router.get("/v1/models")
async def models(_: Reader, service: TheService) -> dict[str, Any]:
    """List what can be asked for as a model."""
    return {"object": "list", "data": await listed(service)}


@router.get("/v1/models/{name:path}")
async def model(name: str, _: Reader, service: TheService) -> dict[str, Any]:
    """Describe one of them."""
    return await described(service, name)
