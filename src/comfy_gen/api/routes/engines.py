"""The engines that serve the queue."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from comfy_gen.api.context import Admin, Reader, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.engines import check_address, engine_of, engines_of, without_secrets
from comfy_gen.api.wire.engines import Engine, EngineBody, Engines
from comfy_gen.engines.registry import make_entry

router = APIRouter(tags=["engines"])

NamePath = Annotated[str, Path(max_length=100, description="The engine's name.")]


@router.get("/engines", response_model=Engines, responses=problems())
async def engines(caller: Reader, service: TheService) -> dict[str, Any]:
    """Tell how each engine is. Where another process drives them, no more is told than what was entered."""
    found = await engines_of(service)
    return {"engines": found if caller.is_admin else [without_secrets(one) for one in found]}


@router.post("/engines", status_code=201, response_model=Engine, responses=problems(409, 415))
async def add_engine(body: EngineBody, caller: Admin, service: TheService, response: Response) -> dict[str, Any]:
    """Add an engine; it gets jobs as soon as it answers. For administrators."""
    del caller
    known = await service.queue.store.roster.engines()
    entry = make_entry(
        body.url,
        name=body.name,
        tags=body.tags,
        weight=body.weight,
        depth=body.depth,
        taken={one.name for one in known},
    )
    check_address(entry, known)
    await service.queue.store.roster.add_engine(entry)
    response.headers["Location"] = "/engines"
    return engine_of(entry, None)


@router.post(
    "/engines/sandbox",
    status_code=201,
    response_model=Engine,
    responses=problems(409) | {200: {"model": Engine, "description": "It runs already."}},
)
async def begin_sandbox(caller: Admin, service: TheService, response: Response) -> dict[str, Any]:
    """Have the service itself be an engine, which paints its pictures, until the engine `sandbox` is struck off.

    It is for trying things out without a ComfyUI, and comes back with the service. For administrators.
    """
    del caller
    entry, is_new = await service.practice.begin()
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = "/engines"
    return await _told(entry.name, service)


@router.post("/engines/{name}/drain", response_model=Engine, responses=problems(404))
async def drain(name: NamePath, caller: Admin, service: TheService) -> dict[str, Any]:
    """Have an engine finish what it has, and give it nothing more. For administrators."""
    del caller
    await service.queue.store.roster.set_engine_state(name, "draining")
    return await _told(name, service)


@router.post("/engines/{name}/resume", response_model=Engine, responses=problems(404))
async def resume(name: NamePath, caller: Admin, service: TheService) -> dict[str, Any]:
    """Have an engine that drains work again. For administrators."""
    del caller
    await service.queue.store.roster.set_engine_state(name, "active")
    return await _told(name, service)


@router.delete("/engines/{name}", status_code=204, responses=problems(404))
async def remove_engine(name: NamePath, caller: Admin, service: TheService) -> None:
    """Strike an engine off; others take up what it had. For administrators."""
    del caller
    await service.queue.store.roster.remove_engine(name)
    await service.practice.settle()


async def _told(name: str, service: TheService) -> dict[str, Any]:
    return next(one for one in await engines_of(service) if one["name"] == name)
