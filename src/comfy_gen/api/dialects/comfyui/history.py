"""``/history``: what has run, as long as its owner does not have it forgotten."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from comfy_gen.api.context import Generator, Reader, TheService
from comfy_gen.api.dialects.comfyui.answers import done, ids_in, object_of, told
from comfy_gen.api.dialects.comfyui.entries import entry_of
from comfy_gen.api.dialects.comfyui.numbers import number_of
from comfy_gen.api.dialects.comfyui.queue import owner_of
from comfy_gen.jobs.dossier import MOST
from comfy_gen.jobs.dossiers import Dossiers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.jobs.dossier import Dossier

_FEW = 20
"""Entries: to write more takes long enough for others to notice."""


async def get_history(request: Request, caller: Reader, service: TheService) -> Response:
    """Show what has run, oldest first: the last of it, or what follows an offset."""
    limit, offset = _number_in(request, "max_items"), _number_in(request, "offset")
    if offset is not None and offset < 0:
        offset = None
    found = await Dossiers(service.queue.store.transactions).past(
        owner_of(caller), offset=offset, limit=max(MOST if limit is None else limit, 0)
    )
    return _entries(found) if len(found) <= _FEW else await asyncio.to_thread(_entries, found)


async def get_history_entry(prompt_id: str, caller: Reader, service: TheService) -> Response:
    """Show one job: nothing, while it goes on, and of one that is not the caller's."""
    found = await Dossiers(service.queue.store.transactions).get(prompt_id)
    return _entries([found] if found and found.is_past and caller.owns(found.job.owner) else [])


async def post_history(request: Request, caller: Generator, service: TheService) -> Response:
    """Show the caller's jobs no more, or some of them. They are kept: a ComfyUI's files outlive its history, too."""
    body, dossiers = await object_of(request), Dossiers(service.queue.store.transactions)
    if body.get("clear"):
        await dossiers.forget(caller.owner)
    if ids := ids_in(body, "delete"):
        await dossiers.forget(owner_of(caller), ids)
    return done()


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    router = APIRouter()
    router.add_api_route("/history", get_history, methods=["GET"])
    router.add_api_route("/history/{prompt_id}", get_history_entry, methods=["GET"])
    router.add_api_route("/history", post_history, methods=["POST"])
    return router


def _entries(found: Sequence[Dossier]) -> Response:
    entries: dict[str, Any] = {one.job.job_id: entry_of(one, number_of(one.job.metadata, one.seq)) for one in found}
    return told(entries)


def _number_in(request: Request, name: str) -> int | None:
    said = request.query_params.get(name)
    try:
        return None if said is None else int(said)
    except ValueError as error:
        raise HTTPException(400, f"{name} is no whole number") from error
