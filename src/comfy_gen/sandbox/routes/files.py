"""Routes that take pictures in and give them out."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from aiohttp import web
from PIL import Image, UnidentifiedImageError

from comfy_gen.sandbox.files import KINDS
from comfy_gen.sandbox.pixels import resize
from comfy_gen.sandbox.routes.context import engine_of, fields_of, trouble

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from comfy_gen.sandbox.files import Files

_ACTIVE_TYPES = frozenset({"text/html", "text/html-sandboxed", "application/xhtml+xml", "text/javascript", "text/css"})


async def get_view(request: web.Request) -> web.StreamResponse:
    """Give a file out: as it is, as a smaller preview, or one of its channels."""
    query = request.query
    status, path = _find(engine_of(request).files, query)
    if path is None:
        return web.Response(status=status)
    headers = {"Content-Disposition": f'filename="{path.name}"'}
    if "preview" in query:
        return await _rendered(path, headers, *_preview_format(query["preview"], query.get("channel", "")))
    if query.get("channel") in {"rgb", "a"}:
        return await _rendered(path, headers, "png", None, query["channel"])
    return web.FileResponse(path, headers={**headers, "Content-Type": _content_type(path)})


def _find(files: Files, query: Mapping[str, str]) -> tuple[int, Path | None]:
    """Return the file asked for, or the status that says why there is none."""
    if "filename" not in query:
        return 404, None
    name, kind = query["filename"], query.get("type", "output")
    for other in KINDS:
        if name.endswith(f" [{other}]"):
            name, kind = name[: -len(f" [{other}]")], other
    if not name or name[0] == "/" or ".." in name or kind not in KINDS:
        return 400, None
    try:
        folder = files.inside(kind, query.get("subfolder", ""))
        path = folder / PurePath(name).name if folder else None
        return (403, None) if path is None else (404, path if path.is_file() else None)
    except ValueError:  # a NUL in the name
        return 404, None


def _preview_format(preview: str, channel: str) -> tuple[str, int | None, str]:
    kind, _, quality = preview.partition(";")
    wanted = kind if kind in {"webp", "jpeg"} and not (kind == "jpeg" and "a" in channel) else "webp"
    return wanted, int(quality) if quality.isdigit() else 90, channel


async def _rendered(
    path: Path, headers: dict[str, str], kind: str, quality: int | None, channel: str
) -> web.StreamResponse:
    try:
        content = await asyncio.to_thread(_encoded, path, kind, quality, channel)
    except (UnidentifiedImageError, OSError) as error:
        raise trouble() from error
    return web.Response(body=content, headers=headers, content_type=f"image/{kind}")


def _encoded(path: Path, kind: str, quality: int | None, channel: str) -> bytes:
    buffer = BytesIO()
    with Image.open(path) as file:
        picture = file.convert("RGB") if channel == "rgb" or kind == "jpeg" else file
        if channel == "a":
            alpha = file.convert("RGBA").getchannel("A")
            picture = Image.new("RGBA", alpha.size)
            picture.putalpha(alpha)
        how = {} if quality is None else {"quality": quality}
        picture.save(buffer, kind, **how)
    return buffer.getvalue()


def _content_type(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return "application/octet-stream" if kind in _ACTIVE_TYPES else kind


async def post_image(request: web.Request) -> web.Response:
    """Take a picture, or any other file, in."""
    form, upload = await _upload(request)
    if upload is None:
        return web.Response(status=400)
    place = _place(engine_of(request).files, form)
    if place is None or _leads_out(place, upload.filename):
        return web.Response(status=400)
    overwrite = form.get("overwrite") in {"true", "1"}
    try:
        name = engine_of(request).files.store_upload(place, upload.filename, upload.file.read(), overwrite=overwrite)
    except OSError as error:  # a name with a folder in it, or too long
        raise trouble() from error
    return _stored(form, name)


async def post_mask(request: web.Request) -> web.Response:
    """Take the alpha of a picture in and store the original with it; without an original nothing is stored."""
    form, upload = await _upload(request)
    if upload is None:
        return web.Response(status=400)
    files = engine_of(request).files
    place = _place(files, form)
    try:
        reference = fields_of(json.loads(str(form["original_ref"])))
        original = files.inside(reference.get("type", "output"), reference.get("subfolder", ""), reference["filename"])
    except (KeyError, json.JSONDecodeError) as error:
        raise trouble() from error
    if place is None or _leads_out(place, upload.filename):
        return web.Response(status=400)
    if original and original.is_file() and ".." not in reference["filename"]:
        masked = await asyncio.to_thread(_masked, original, upload.file.read())
        files.store_upload(place, upload.filename, masked, overwrite=form.get("overwrite") in {"true", "1"})
    return _stored(form, upload.filename)


async def _upload(request: web.Request) -> tuple[Mapping[str, Any], web.FileField | None]:
    form = await request.post()
    upload = form.get("image")
    if upload is None:
        return form, None
    if not isinstance(upload, web.FileField) or not upload.filename:
        raise trouble()
    return form, upload


def _place(files: Files, form: Mapping[str, Any]) -> Path | None:
    kind = form.get("type", "input")
    if kind not in KINDS:
        raise trouble()
    return files.inside(kind, str(form.get("subfolder", "")))


def _leads_out(place: Path, name: str) -> bool:
    """Tell whether a name leads out of the folder it is meant for.

    Raises:
        web.HTTPInternalServerError: it is absolute; a real server trips over that.
    """
    if PurePath(name).is_absolute():
        raise trouble()
    return not (place / name).resolve().is_relative_to(place)


def _masked(original: Path, mask: bytes) -> bytes:
    buffer = BytesIO()
    with Image.open(original) as picture, Image.open(BytesIO(mask)) as over:
        whole = picture.convert("RGBA")
        whole.putalpha(resize(over.convert("RGBA").getchannel("A"), whole.size))
        whole.save(buffer, "png", compress_level=4)
    return buffer.getvalue()


def _stored(form: Mapping[str, Any], name: str) -> web.Response:
    about = {"name": name, "subfolder": str(form.get("subfolder", "")), "type": str(form.get("type", "input"))}
    return web.json_response(about)


ROUTES = (
    web.get("/view", get_view),
    web.post("/upload/image", post_image),
    web.post("/upload/mask", post_mask),
)
