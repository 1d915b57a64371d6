"""The files that jobs made."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from comfy_gen.api.access import caller_in, check_scope, count
from comfy_gen.api.context import TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.files import Served, send
from comfy_gen.app.caller import Caller, Scope
from comfy_gen.errors import ArtifactNotFoundError
from comfy_gen.pipeline import thumbnail as small
from comfy_gen.pipeline.artifact import Artifact

router = APIRouter(tags=["artifacts"])

_NOBODY = Caller(owner="", scopes=frozenset())
"""Who comes with a link is counted by their address."""
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"*/*": {}}, "description": "The file."},
    206: {"content": {"*/*": {}}, "description": "The part that `Range` asks for."},
    304: {"description": "It is what `If-None-Match` names."},
}


async def permitted(
    artifact_id: Annotated[UUID, Path(description="The artifact's id, as the job's result has it.")],
    service: TheService,
    request: Request,
    token: Annotated[str, Query(max_length=256, description="Comes with links in results: they need no key.")] = "",
) -> Artifact:
    """Return an artifact that may be fetched by whoever asks.

    Raises:
        ArtifactNotFoundError: there is none of this id, or it is somebody else's.
        AccessError: who asks has neither a key nor a link that is still good.
    """
    if service.links.check(str(artifact_id), token):
        await count(request, _NOBODY)
        artifact, _ = await service.queue.store.artifact(str(artifact_id))
        return artifact
    caller = await caller_in(request)
    check_scope(caller, Scope.READ)
    return await service.artifact(caller, str(artifact_id))


Permitted = Annotated[Artifact, Depends(permitted)]


@router.head("/artifacts/{artifact_id}", include_in_schema=False)
@router.get("/artifacts/{artifact_id}", response_class=Response, responses=problems(404, 410, 416) | _FILE)
async def artifact(found: Permitted, service: TheService, request: Request) -> Response:
    """Fetch an output: whole or in part, by a key or by the link that a result has."""
    file = Served(found.key, found.filename, found.media_type, f'"{found.sha256}"', found.size)
    return await send(service.artifacts, file, request.headers, is_head=request.method == "HEAD")


@router.head("/artifacts/{artifact_id}/thumbnail", include_in_schema=False)
@router.get("/artifacts/{artifact_id}/thumbnail", response_class=Response, responses=problems(404, 410) | _FILE)
async def thumbnail(found: Permitted, service: TheService, request: Request) -> Response:
    """Fetch the small picture that stands for an output in lists. Only pictures have one."""
    if found.thumbnail_key is None:
        raise ArtifactNotFoundError(f"{found.artifact_id}/thumbnail")
    name = f"{found.filename.rpartition('.')[0] or found.filename}{small.SUFFIX}"
    file = Served(found.thumbnail_key, name, small.MEDIA_TYPE, f'"{found.sha256}-small"', None)
    return await send(service.artifacts, file, request.headers, is_head=request.method == "HEAD")
