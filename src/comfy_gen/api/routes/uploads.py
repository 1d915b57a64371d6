"""Files for workflows to work on, sent along rather than named by URL."""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.datastructures import UploadFile

from comfy_gen.api.context import Generator, Reader, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.files import Served, send
from comfy_gen.api.wire.uploads import Upload
from comfy_gen.errors import ArtifactNotFoundError, InputImageError, InvalidParameterError
from comfy_gen.pipeline.inputs import FOLDER, UPLOADS, name_of
from comfy_gen.pipeline.media import media_type_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

router = APIRouter(tags=["workflows"])

AT_ONCE = 4
"""Uploads that lie in memory at a time; the others wait."""
_BINARY = {"type": "string", "format": "binary"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file itself, or a form with the part `file`.",
        "content": {
            "application/octet-stream": {"schema": _BINARY},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": _BINARY}, "required": ["file"]}
            },
        },
    }
}

_NAME = re.compile(r"comfygen-[0-9a-f]{20}\.[a-z0-9]{1,10}")
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"*/*": {}}, "description": "The file."},
    304: {"description": "It is what `If-None-Match` names."},
}


@router.post("/uploads", status_code=201, response_model=Upload, responses=problems(400), openapi_extra=_BODY)
async def upload(caller: Generator, service: TheService, request: Request) -> dict[str, Any]:
    """Take a picture, a mask, or another file that workflows work on; whichever engine runs the job gets it."""
    async with request.app.state.uploading:
        content, source = await _sent(request)
        name = await asyncio.to_thread(name_of, content, source=source)
        if name is None:
            raise InputImageError(source, "it is no picture, video, sound or other file that is known")
        for key, kept in ((f"{FOLDER}/{name}", content), (_mark(caller.owner, name), name.encode())):
            if not await service.artifacts.exists(key):
                await service.artifacts.put(key, _once(kept))
        return {
            "name": name,
            "image": f"{UPLOADS}{name}",
            "media_type": media_type_of(PurePosixPath(name).suffix),
            "size": len(content),
            "sha256": await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest()),
        }


@router.get("/uploads/{name}", response_class=Response, responses=problems(404, 410) | _FILE)
async def uploaded(
    name: Annotated[str, Path(description="The `name` that the upload got.")],
    caller: Reader,
    service: TheService,
    request: Request,
) -> Response:
    """Fetch what one uploaded oneself; an administrator may look at everybody's."""
    if not _NAME.fullmatch(name):
        raise ArtifactNotFoundError(name)
    if not caller.is_admin and not await service.artifacts.exists(_mark(caller.owner, name)):
        raise ArtifactNotFoundError(name)  # engines list the names of what they were given: they open nothing
    file = Served(f"{FOLDER}/{name}", name, media_type_of(PurePosixPath(name).suffix), f'"{name}"', None)
    return await send(service.artifacts, file, request.headers, is_head=False)


async def _sent(request: Request) -> tuple[bytes, str]:
    """Return what was sent, and what to call it.

    Raises:
        InvalidParameterError: there is no file in the form, or nothing at all.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        content, source = await request.body(), "the upload"
    else:
        async with request.form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise InvalidParameterError("file", "", "a part of the form, with the file")
            content, source = await file.read(), PurePosixPath(file.filename or "the upload").name
    if not content:
        raise InvalidParameterError("the upload", "", "a file that is not empty")
    return content, source


def _mark(owner: str, name: str) -> str:
    """Return the key of what says that an owner uploaded this, perhaps as others did."""
    return f"{FOLDER}/of/{hashlib.sha256(owner.encode()).hexdigest()[:40]}/{name}"


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
