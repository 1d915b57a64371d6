"""``/internal``: what ComfyUI's own page asks for beside the rest; nothing of the service's insides is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from comfy_gen.api.context import Reader, TheService
from comfy_gen.api.dialects.comfyui.answers import done, told
from comfy_gen.api.dialects.comfyui.models import NEED, place_of
from comfy_gen.api.dialects.comfyui.names import KINDS
from comfy_gen.api.dialects.comfyui.places import subfolder_of
from comfy_gen.library.generation import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service

NEWEST = 100
"""Jobs whose outputs are listed."""

router = APIRouter(prefix="/internal")


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    return router


@router.get("/logs")
async def logs(caller: Reader) -> Response:
    """Return no lines: the log has to do with everybody's jobs, and is where the service was started."""
    del caller
    return told("")


@router.get("/logs/raw")
async def raw_logs(caller: Reader) -> Response:
    """Return no lines."""
    del caller
    return told({"entries": [], "size": {"cols": 80, "rows": 24}})


@router.patch("/logs/subscribe")
async def subscribe(caller: Reader) -> Response:
    """Take note of somebody who wants to be told of lines: there are none."""
    del caller
    return done()


@router.get("/folder_paths")
async def folder_paths(caller: Reader, service: TheService) -> Response:
    """Return the folders of models, with where they might be."""
    del caller
    models = await service.knowledge.models(need=NEED)
    return told({folder: [place_of(folder)] for folder in sorted(models)})


@router.get("/files/{kind}")
async def files(kind: str, caller: Reader, service: TheService) -> Response:
    """Return the names of the caller's files in a folder, the newest first."""
    if kind not in KINDS:
        return told({"error": "Invalid directory type"}, 400)
    uploads = await service.named_files.list(caller.owner, kind)
    newest = sorted((one for one in uploads if "/" not in one.path), key=lambda one: one.updated, reverse=True)
    outputs = await _outputs(service, caller) if kind == "output" else ()
    return told([*outputs, *(one.path for one in newest)])


async def _outputs(service: Service, caller: Caller) -> Sequence[str]:
    """Return the outputs of the caller's newest jobs, by the names that loaders take."""
    page = await service.library.search(Query(owner=caller.owner), NEWEST)
    return [
        f"{subfolder_of(one.job_id, one.node_id)}/{one.filename}"
        for generation in page.generations
        for one in generation.artifacts
    ]
