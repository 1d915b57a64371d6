"""Presets: values that people use again and again, under names of theirs."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from comfy_gen.api.context import Generator, Reader, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.library import preset_json
from comfy_gen.api.wire.library import Preset, PresetBody, Presets

router = APIRouter(prefix="/presets", tags=["library"])

PresetPath = Annotated[str, Path(max_length=100, description="The preset's name.")]
_REPLACED: dict[int | str, dict[str, Any]] = {200: {"model": Preset, "description": "It was there before."}}


@router.get("", response_model=Presets, responses=problems())
async def presets(caller: Reader, service: TheService) -> dict[str, Any]:
    """List one's presets."""
    return {"presets": [preset_json(one) for one in await service.presets.list(caller.owner)]}


@router.get("/{name}", response_model=Preset, responses=problems(404))
async def preset(name: PresetPath, caller: Reader, service: TheService) -> dict[str, Any]:
    """Tell what a preset says."""
    return preset_json(await service.presets.get(caller.owner, name))


@router.put("/{name}", status_code=201, response_model=Preset, responses=problems(415) | _REPLACED)
async def save(
    name: PresetPath, body: PresetBody, caller: Generator, service: TheService, response: Response
) -> dict[str, Any]:
    """Keep values under a name, in place of those that it had."""
    saved = await service.presets.save(
        caller.owner, name, body.values, body.description, now=time.time(), may_replace=True
    )
    response.status_code = 201 if saved.created == saved.updated else 200
    response.headers["Location"] = f"/presets/{name}"
    return preset_json(saved)


@router.delete("/{name}", status_code=204, responses=problems(404))
async def delete(name: PresetPath, caller: Generator, service: TheService) -> None:
    """Forget a preset."""
    await service.presets.delete(caller.owner, name)
