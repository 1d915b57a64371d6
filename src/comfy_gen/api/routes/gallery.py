"""The library as a gallery leafs through it. These paths stand before those with the ids of generations."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import StringConstraints
from starlette.responses import StreamingResponse

from comfy_gen.api.archive import archive_of, check_files, listing_of
from comfy_gen.api.context import Reader, TheResults, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.library import generation_json, seen_by
from comfy_gen.api.wanted import Wanted
from comfy_gen.api.wire.gallery import Facets, Tiles
from comfy_gen.library.archive import entries_of
from comfy_gen.library.tiles import Order

router = APIRouter(prefix="/library", tags=["library"])

_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {}}, "description": "The archive; nothing in it is compressed."}
}


@router.get("/tiles", response_model=Tiles, responses=problems())
async def tiles(
    wanted: Wanted,
    service: TheService,
    order: Annotated[
        Order, Query(description="What comes first; what is not rated, or has no score, comes last.")
    ] = Order.NEWEST,
    offset: Annotated[int, Query(ge=0, lt=2**53, description="So many are passed over.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500, description="So many at most.")] = 200,
) -> dict[str, Any]:
    """List generations as a gallery shows them: one's own; an administrator's list has everybody's."""
    return asdict(await service.library.tiles(wanted, order, limit=limit, offset=offset))


@router.get("/facets", response_model=Facets, responses=problems())
async def facets(caller: Reader, service: TheService) -> dict[str, Any]:
    """Tell what the generations can be told apart by, and how many are of each."""
    return asdict(await service.library.facets(seen_by(caller)))


@router.get("/archive", response_class=StreamingResponse, responses=problems(404, 410) | _ZIP)
async def archive(
    ids: Annotated[
        list[Annotated[str, StringConstraints(max_length=100)]],
        Query(alias="id", min_length=1, max_length=200, description="Of a generation; once for each."),
    ],
    caller: Reader,
    service: TheService,
    results: TheResults,
    request: Request,
) -> StreamingResponse:
    """Fetch the files of several generations as one zip, with `generations.json`, which tells how they were made."""
    found = await service.library.get_all(ids, seen_by(caller))
    entries = entries_of(found)
    await check_files(service.artifacts, entries)
    told = [await generation_json(one, results, request) for one in found]
    chunks = archive_of(service.artifacts, entries, listing_of(told, entries), dt.datetime.now(dt.UTC))
    name = f"comfygen-{len(found)}-generations.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(chunks, headers=headers, media_type="application/zip")
