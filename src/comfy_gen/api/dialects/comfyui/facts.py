"""``/object_info``, ``/system_stats``, ``/features``: what all engines are, as if they were one."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import psutil
from fastapi import APIRouter, Depends, Request, Response

from comfy_gen.api.context import Reader, TheService
from comfy_gen.api.dialects.comfyui.answers import JSON, told
from comfy_gen.api.dialects.comfyui.catalogue import Catalogue, with_files
from comfy_gen.api.dialects.comfyui.features import FLAGS
from comfy_gen.api.dialects.comfyui.machines import together
from comfy_gen.api.dialects.comfyui.models import NEED
from comfy_gen.api.ranges import names_tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI

    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service
    from comfy_gen.engines.merging import ObjectInfo

_JUST_NOW = 5.0
"""Seconds: who asks for all classes may have put a model onto an engine a moment ago."""

router = APIRouter()


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    return router


def open_in(app: FastAPI) -> None:
    """Have an application keep the answers that are written once for many."""
    app.state.comfyui_catalogue = Catalogue()


async def catalogue_in(request: Request) -> Catalogue:
    """Return those answers."""
    return request.app.state.comfyui_catalogue


# --- node classes


@router.get("/object_info")
async def object_info(
    caller: Reader, service: TheService, request: Request, catalogue: Annotated[Catalogue, Depends(catalogue_in)]
) -> Response:
    """Return the declarations of all classes."""
    info = await service.knowledge.merged_object_info(need=NEED, fresh=_JUST_NOW)
    answer = await catalogue.answer(info, await _files_of(service, caller))
    headers = {
        "Content-Type": JSON,
        "ETag": answer.tag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding",
    }
    if names_tag(request.headers.get("if-none-match"), answer.tag):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(answer.small, headers={**headers, "Content-Encoding": "gzip"})
    return Response(answer.plain, headers=headers)


@router.get("/object_info/{name:path}")
async def class_info(name: str, caller: Reader, service: TheService) -> Response:
    """Return the declaration of one class; nothing, where there is none of the name."""
    info = await service.knowledge.merged_object_info(need=NEED, fresh=_JUST_NOW)
    found: ObjectInfo = {name: info[name]} if name in info else {}
    return told(with_files(found, await _files_of(service, caller)))


async def _files_of(service: Service, caller: Caller) -> Sequence[str]:
    """Return what somebody uploaded, as far as loaders list it: what is in no subfolder."""
    files = await service.named_files.list(caller.owner, "input")
    return [file.path for file in files if "/" not in file.path]


# --- machines


@router.get("/system_stats")
async def system_stats(caller: Reader, service: TheService) -> Response:
    """Return versions, memory and devices."""
    del caller
    stats = await service.knowledge.told(lambda client: client.get_system_stats())
    entries = await service.queue.store.roster.engines()
    hosts = {entry.name: urlsplit(entry.url).hostname or entry.name for entry in entries}
    return told(together(stats, hosts, _own_system()))


def _own_system() -> dict[str, Any]:
    memory = psutil.virtual_memory()
    return {
        "os": os.name,
        "ram_total": memory.total,
        "ram_free": memory.available,
        "comfyui_version": "",
        "python_version": sys.version,
        "pytorch_version": "none",
    }


@router.get("/features")
async def features(caller: Reader) -> Response:
    """Return what can be done here."""
    del caller
    return told(dict(FLAGS))
