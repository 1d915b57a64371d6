"""Pictures, as OpenAI's clients ask for them: who asks waits, and what they asked for goes on without them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from comfy_gen.api.dialects.openai.bodies import EditBody, GenerationBody, VariationBody
from comfy_gen.api.dialects.openai.reading import Sent, read
from comfy_gen.api.dialects.openai.visits import Visit

router = APIRouter()


@router.post("/v1/images/generations")
async def generations(body: GenerationBody, visit: Visit) -> Response:
    """Make pictures of a text."""
    return await visit.answer("image_generation", Sent(body))


@router.post("/v1/images/edits")
async def edits(request: Request, visit: Visit) -> Response:
    """Make pictures of others: painted anew, or only where a mask says."""
    return await visit.answer("image_edit", await _read(request, EditBody))


@router.post("/v1/images/variations")
async def variations(request: Request, visit: Visit) -> Response:
    """Make pictures that are like another."""
    return await visit.answer("image_variation", await _read(request, VariationBody))


async def _read(request: Request, kind: Any) -> Sent[Any]:
    async with request.app.state.uploading:
        return await read(request, kind)
