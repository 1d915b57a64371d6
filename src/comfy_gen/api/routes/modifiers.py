"""The modifiers that requests may name."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from comfy_gen.api.context import Reader, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.wire.modifiers import Modifiers

router = APIRouter(tags=["workflows"])


@router.get("/modifiers", response_model=Modifiers, responses=problems())
async def modifiers(caller: Reader, service: TheService) -> dict[str, Any]:
    """List the modifiers, with what each can be told."""
    found = service.modifiers
    said = [str(problem) for problem in found.problems] if caller.is_admin else []
    return {"modifiers": found.describe(), "problems": said}
