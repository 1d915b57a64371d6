"""``/view`` and ``/upload``: what jobs made, and what workflows work on."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData, UploadFile

from comfy_gen.api.context import Generator, Reader, TheService
from comfy_gen.api.dialects.comfyui import uploads, viewing
from comfy_gen.api.dialects.comfyui.answers import told
from comfy_gen.api.dialects.comfyui.names import KINDS, Name, name_in
from comfy_gen.api.dialects.comfyui.recoding import is_recoding, recoded, with_alpha_of
from comfy_gen.api.files import headers_of, send
from comfy_gen.errors import ArtifactGoneError, InputImageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.api.dialects.comfyui.recoding import Recoded
    from comfy_gen.api.dialects.comfyui.viewing import Seen
    from comfy_gen.app.caller import Caller
    from comfy_gen.app.service import Service

router = APIRouter()


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    return router


def is_upload(method: str, path: str) -> bool:
    """Tell whether a body is a form with a file."""
    return method == "POST" and path.endswith(("/upload/image", "/upload/mask"))


@router.head("/view")
@router.get("/view")
async def view(caller: Reader, service: TheService, request: Request) -> Response:
    """Return a file: whole, in part, or as the picture that was made of it."""
    asked = request.query_params
    if "filename" not in asked:
        return _refused(404)
    name = viewing.name_asked(asked["filename"], asked.get("type", "output"), asked.get("subfolder", ""))
    if isinstance(name, int):
        return _refused(name)
    try:
        seen = await viewing.find(service, caller, name, request)
        return _refused(404) if seen is None else await _shown(service, seen, asked, request)
    except ArtifactGoneError:
        return _refused(404)


@router.post("/upload/image")
async def upload_image(caller: Generator, service: TheService, request: Request) -> Response:
    """Take a file for workflows to work on, under the name that it has or a free one like it."""
    async with request.form(max_files=1, max_fields=20) as form:
        name = _name_in(form)
        if name is None:
            return _refused(400)
        async with request.app.state.uploading:
            return await _kept(service, caller, await _file_in(form).read(), name, form)


@router.post("/upload/mask")
async def upload_mask(caller: Generator, service: TheService, request: Request) -> Response:
    """Keep a picture that there is with the transparency of the one that is sent, under the name of that."""
    async with request.form(max_files=1, max_fields=20) as form:
        name, original = _name_in(form), _original_in(form)
        if name is None or original is None:
            return _refused(400)
        seen = None if isinstance(original, int) else await viewing.find(service, caller, original, request)
        if seen is None:
            return _told(name, form)  # nothing is kept, and a ComfyUI does not say so
        async with request.app.state.uploading:
            return await _masked(service, caller, seen, name, form)


async def _masked(service: Service, caller: Caller, seen: Seen, name: Name, form: FormData) -> Response:
    mask, original = await _file_in(form).read(), await seen.read(service.artifacts)
    try:
        painted = await asyncio.to_thread(with_alpha_of, mask, original)
    except InputImageError:
        return _refused(400)
    return await _kept(service, caller, painted, name, form)


async def _shown(service: Service, seen: Seen, asked: Mapping[str, str], request: Request) -> Response:
    if is_recoding(asked) and seen.file.media_type.startswith("image/"):
        async with request.app.state.uploading:
            picture = await _recoded(service, seen, asked)
        if picture is not None:
            return Response(picture.content, headers=_whole(seen, picture.media_type))
    if seen.content is not None:
        return Response(seen.content, headers=_whole(seen, seen.file.media_type))
    answer = await send(service.artifacts, seen.file, request.headers, is_head=request.method == "HEAD")
    answer.headers.update(_ways(seen, answer.headers))
    return answer


async def _recoded(service: Service, seen: Seen, asked: Mapping[str, str]) -> Recoded | None:
    """Return the picture that is asked for; None where only the one that is there can be sent."""
    content = await seen.read(service.artifacts)
    try:
        return await asyncio.to_thread(recoded, content, asked, source=seen.file.filename)
    except InputImageError:
        return None


def _whole(seen: Seen, media_type: str) -> dict[str, str]:
    """Return the headers of what is sent whole, and has no tag of its own."""
    headers = headers_of(seen.file)
    del headers["ETag"]
    return {**headers, "Content-Type": media_type, "Accept-Ranges": "none", **_ways(seen, headers)}


def _ways(seen: Seen, headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers in which we go a ComfyUI's way, as far as that has a browser run nothing."""
    shown = {"Content-Disposition": headers["Content-Disposition"].removeprefix("inline; ")}
    # A name may mean another file as soon as one is uploaded.
    return shown if seen.is_final else {**shown, "Cache-Control": "private, no-cache"}


async def _kept(service: Service, caller: Caller, content: bytes, name: Name, form: FormData) -> Response:
    overwrite = form.get("overwrite") in {"true", "1"}
    kept = await uploads.keep(service, caller, content, name, overwrite=overwrite)
    return _told(kept, form)


def _told(name: Name, form: FormData) -> Response:
    """Return what a client calls the file from now on: in the subfolder as it was sent."""
    subfolder = _text(form, "subfolder")
    return told({"name": name.below(subfolder), "subfolder": subfolder, "type": name.kind})


def _name_in(form: FormData) -> Name | None:
    """Return the name that a form has for its file; None where there is no file, or the name leads elsewhere."""
    file, kind = form.get("image"), _text(form, "type") or "input"
    if not isinstance(file, UploadFile) or not file.filename or kind not in KINDS:
        return None
    return name_in(kind, _text(form, "subfolder"), file.filename)


def _file_in(form: FormData) -> UploadFile:
    file = form["image"]
    assert isinstance(file, UploadFile)  # noqa: S101  # it has a name
    return file


def _original_in(form: FormData) -> Name | int | None:
    """Return the picture that a mask is for, or the status that it is refused with; None where the form has none."""
    try:
        said: Any = json.loads(_text(form, "original_ref"))
        return viewing.name_asked(said["filename"], said.get("type", "output"), said.get("subfolder", ""))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _refused(status: int) -> Response:
    """Return an answer as a ComfyUI gives it where it refuses a file: there is nothing in it."""
    return Response(status_code=status)
