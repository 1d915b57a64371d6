"""Files for workflows to work on, sent along rather than named by URL."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import PurePosixPath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.datastructures import UploadFile

from comfy_gen.api.context import Generator, Reader, TheService
from comfy_gen.api.documented import problems
from comfy_gen.api.files import Served, send
from comfy_gen.api.wire.uploads import Upload
from comfy_gen.app import uploading
from comfy_gen.errors import InvalidParameterError

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

_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"*/*": {}}, "description": "The file."},
    304: {"description": "It is what `If-None-Match` names."},
}


@router.post("/uploads", status_code=201, response_model=Upload, responses=problems(400), openapi_extra=_BODY)
async def upload(caller: Generator, service: TheService, request: Request) -> dict[str, Any]:
    """Take a picture, a mask, or another file that workflows work on; whichever engine runs the job gets it."""
    async with request.app.state.uploading:
        content, source = await _sent(request)
        await service.room.take(len(content))
        kept = await uploading.keep(service.artifacts, caller, content, source=source)
        return {
            "name": kept.name,
            "image": kept.reference,
            "media_type": kept.media_type,
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
    kept = await uploading.find(service.artifacts, caller, name)
    file = Served(kept.key, kept.name, kept.media_type, f'"{kept.name}"', None)
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
