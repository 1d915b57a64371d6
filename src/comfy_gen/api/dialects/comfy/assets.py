"""Assets: files for workflows to work on, known by their hash; and the outputs of jobs, which are assets, too.

Each owner has assets of their own. By a hash one finds what one sent oneself, and nothing of anybody else's: what
others have is answered as what nobody has.
"""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from comfy_gen.api.access import caller_in, check_scope, count
from comfy_gen.api.context import Generator, Reader, TheService
from comfy_gen.api.dialects.comfy.assets_named import name_in
from comfy_gen.api.dialects.comfy.assets_sent import sent_in
from comfy_gen.api.dialects.comfy.assets_told import asset_told, output_told
from comfy_gen.api.dialects.comfy.hashes import digest_in
from comfy_gen.api.files import Served, send
from comfy_gen.app import assets
from comfy_gen.app.caller import ALL_SCOPES, Caller, Scope
from comfy_gen.errors import ArtifactNotFoundError, AssetInUseError, BlobNotFoundError, InvalidParameterError

if TYPE_CHECKING:
    from comfy_gen.app.assets import Asset
    from comfy_gen.app.service import Service
    from comfy_gen.pipeline.artifact import Artifact

PATH = "/api/v2/assets"
router = APIRouter(prefix=PATH)

_NOBODY = Caller(owner="", scopes=frozenset())
"""Who comes with a link is counted by their address."""
_WHOEVER = Caller(owner="", scopes=ALL_SCOPES)
"""Who comes with a link may have what it is for, whose ever it is."""


class FromHash(BaseModel):
    """A content that was sent before, and what to call it."""

    hash: str
    file_path: str | None = None
    tags: list[Annotated[str, Field(max_length=255)]] | None = Field(default=None, max_length=64)


def is_upload(method: str, path: str) -> bool:
    """Tell whether a body is a form with a file."""
    return method == "POST" and path == PATH


@router.post("")
async def upload(caller: Generator, service: TheService, request: Request) -> Response:
    """Take a file."""
    async with sent_in(request) as sent, request.app.state.uploading:
        await service.room.take(sent.size)
        kept, is_new = await assets.keep(service.artifacts, caller.owner, sent.file, sent.said, now=time.time())
    body = asset_told(kept, service, request) | {"created_new": is_new}
    return JSONResponse(body, HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@router.post("/from-hash")
async def from_hash(caller: Generator, service: TheService, request: Request, body: FromHash) -> dict[str, Any]:
    """Return the caller's asset of a content, under one more name."""
    name = None if body.file_path is None else name_in(body.file_path)
    asset = await _by_hash(service, caller, body.hash)
    if asset is None:
        raise BlobNotFoundError(body.hash[:100])
    if name is not None:
        await assets.call(service.artifacts, asset, name)
    return asset_told(asset, service, request) | {"created_new": False}


@router.post("/from-path")
async def from_path(_: Generator) -> Response:
    """Refuse to open a file of the server's own, as a gateway does that shares no disk with its ComfyUI."""
    raise InvalidParameterError("path", "one of the server's", f"a file that is sent with POST {PATH}")


@router.head("/by-hash/{said}")
async def by_hash(said: str, caller: Reader, service: TheService) -> Response:
    """Tell whether the caller has an asset of a content."""
    found = await _by_hash(service, caller, said)
    return Response(status_code=HTTPStatus.NOT_FOUND if found is None else HTTPStatus.OK)


@router.get("/{asset_id}")
async def asset(asset_id: str, caller: Reader, service: TheService, request: Request) -> dict[str, Any]:
    """Tell of an asset."""
    found = await _find(service, caller, asset_id)
    if isinstance(found, assets.Asset):
        return asset_told(found, service, request)
    return await output_told(found, service, request)


@router.head("/{asset_id}/content")
@router.get("/{asset_id}/content")
async def content(
    asset_id: str, service: TheService, request: Request, token: Annotated[str, Query(max_length=256)] = ""
) -> Response:
    """Send an asset's content, whole or in part, by a key or by the address that it was told with."""
    found = await _find(service, await _admitted(asset_id, token, service, request), asset_id)
    is_head = request.method == "HEAD"
    return await send(service.artifacts, _served(found), request.headers, is_head=is_head)


@router.delete("/{asset_id}")
async def delete(asset_id: str, caller: Generator, service: TheService) -> Response:
    """Forget an asset with its content, unless a job made it, or one that has yet to end works on it."""
    found = await _find(service, caller, asset_id)
    if not isinstance(found, assets.Asset) or await assets.is_awaited(service.queue.store, found):
        raise AssetInUseError(asset_id)
    await assets.delete(service.artifacts, found)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _admitted(asset_id: str, token: str, service: Service, request: Request) -> Caller:
    """Return who asks for a content.

    Raises:
        AccessError: they have neither a key nor an address that is still good.
    """
    if service.links.check(asset_id, token):
        await count(request, _NOBODY)
        return _WHOEVER
    caller = await caller_in(request)
    check_scope(caller, Scope.READ)
    return caller


async def _by_hash(service: Service, caller: Caller, said: str) -> Asset | None:
    digest = digest_in(said)
    return None if digest is None else await assets.by_digest(service.artifacts, caller.owner, digest)


async def _find(service: Service, caller: Caller, asset_id: str) -> Asset | Artifact:
    """Return what a caller sent, or what a job of theirs made.

    Raises:
        ArtifactNotFoundError: there is none of this id, or it is somebody else's.
    """
    try:
        known = str(UUID(asset_id))
    except ValueError:
        raise ArtifactNotFoundError(asset_id[:100]) from None
    return await assets.find(service.artifacts, caller, known) or await service.artifact(caller, known)


def _served(found: Asset | Artifact) -> Served:
    if isinstance(found, assets.Asset):
        name = found.file_path.rpartition("/")[2]
        return Served(found.kept.key, name, found.media_type, f'"{found.digest}"', found.size)
    return Served(found.key, found.filename, found.media_type, f'"{found.sha256}"', found.size)
