"""The wildcards that texts may name."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from comfy_gen.api.context import Reader, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.wire.compose import Wildcards

router = APIRouter(tags=["composition"])

_SAMPLES = 5
_LONGEST = 200


@router.get("/wildcards", response_model=Wildcards, responses=problems())
async def wildcards(caller: Reader, service: TheService) -> dict[str, Any]:
    """List the wildcards, each with some of its lines: `__animals/small__` in a text is one of these."""
    del caller
    found = await service.composer.wildcards()
    return {
        "wildcards": [
            {"name": name, "total": len(lines), "samples": [line[:_LONGEST] for line in lines[:_SAMPLES]]}
            for name, lines in found.items()
        ]
    }
