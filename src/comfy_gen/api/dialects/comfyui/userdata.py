"""``/userdata``, ``/settings``, ``/users``: what the editor keeps for a person."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import PlainTextResponse

from comfy_gen.api.context import Generator, Reader, TheService
from comfy_gen.api.dialects.comfyui import user_files
from comfy_gen.api.dialects.comfyui.answers import done, json_of, object_of, told
from comfy_gen.api.dialects.comfyui.folders import browsed, facts_of, folder_in, listed
from comfy_gen.api.dialects.comfyui.names import name_in
from comfy_gen.api.files import Served, send
from comfy_gen.errors import ArtifactNotFoundError
from comfy_gen.pipeline.media import media_type_of

if TYPE_CHECKING:
    from comfy_gen.library.named_files import NamedFile

STYLES = "user.css"
"""The page asks for it whether it is there or not."""

router = APIRouter()


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    return router


def is_file(method: str, path: str) -> bool:
    """Tell whether a body is a file."""
    return method == "POST" and "/userdata/" in path


# --- files


@router.get("/userdata")
async def list_files(
    caller: Reader,
    service: TheService,
    folder: Annotated[str, Query(alias="dir")] = "",
    recurse: str = "",
    full_info: str = "",
    split: str = "",
) -> Response:
    """List the files in a folder."""
    path = folder_in(unquote(folder))
    if not folder:
        return PlainTextResponse("Directory not provided", 400)
    if path is None:
        return PlainTextResponse("Invalid directory", 403)
    files = await user_files.all_of(service, caller)
    found = listed(files, path, recurse=_is_true(recurse), full_info=_is_true(full_info), split=_is_true(split))
    return PlainTextResponse("Directory not found", 404) if found is None else told(found)


@router.get("/v2/userdata")
async def browse(caller: Reader, service: TheService, path: str = "") -> Response:
    """List files and folders."""
    folder = folder_in(unquote(path))
    if folder is None:
        return PlainTextResponse("Invalid path requested", 400)
    found = browsed(await user_files.all_of(service, caller), folder)
    return PlainTextResponse("Requested path not found", 404) if found is None else told(found)


@router.get("/userdata/{file:path}")
async def read(caller: Reader, service: TheService, request: Request) -> Response:
    """Return a file."""
    name = _path_of(_said(request))
    if name is None:
        return Response(status_code=403)
    file = await user_files.find(service, caller, name)
    if file is None:
        return Response(media_type="text/css") if name == STYLES else Response(status_code=404)
    kind, tag = media_type_of(PurePosixPath(name).suffix.lower()), f'"{file.key.rpartition("/")[2]}"'
    answer = await send(service.artifacts, Served(file.key, name, kind, tag, file.size), request.headers, is_head=False)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@router.post("/userdata/{file:path}")
async def write(
    caller: Generator, service: TheService, request: Request, overwrite: str = "true", full_info: str = ""
) -> Response:
    """Keep a file, or give one another name."""
    said, is_move, target = _said(request).partition("/move/")
    if is_move:
        return await _move(caller, service, said, target, may_replace=overwrite != "false", full=_is_true(full_info))
    name = _path_of(said)
    if name is None:
        return Response(status_code=403)
    content = await request.body()
    file = await user_files.write(service, caller, name, content, may_replace=overwrite != "false")
    return _kept(file, full=_is_true(full_info))


@router.delete("/userdata/{file:path}")
async def delete(caller: Generator, service: TheService, request: Request) -> Response:
    """Delete a file."""
    name = _path_of(_said(request))
    if name is None:
        return Response(status_code=403)
    return Response(status_code=204 if await user_files.remove(service, caller, name) else 404)


async def _move(
    caller: Generator, service: TheService, said: str, target: str, *, may_replace: bool, full: bool
) -> Response:
    source, name = _path_of(said), _path_of(target)
    if source is None or name is None:
        return Response(status_code=403)
    file = await user_files.find(service, caller, source)
    if file is None:
        return Response(status_code=404)
    try:
        return _kept(await user_files.move(service, file, name, may_replace=may_replace), full=full)
    except ArtifactNotFoundError:  # somebody else was faster
        return Response(status_code=404)


def _said(request: Request) -> str:
    """Return what a path has after ``/userdata/``, as it was sent: a slash within a name is written ``%2F`` there."""
    sent: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return sent.decode("ascii", "replace").partition("?")[0].partition("/userdata/")[2]


def _path_of(said: str) -> str | None:
    """Return the name of a file by what a path says; a ComfyUI, too, takes names that were escaped twice."""
    name = unquote(said)
    found = name_in(user_files.PLACE, unquote(name) if "%" in name else name)
    return None if found is None else found.path


def _kept(file: NamedFile | None, *, full: bool) -> Response:
    if file is None:
        return PlainTextResponse("File already exists", 409)
    return told(facts_of(file) if full else file.path)


def _is_true(said: str) -> bool:
    return said.lower() == "true"


# --- settings


@router.get("/settings")
async def settings(caller: Reader, service: TheService) -> Response:
    """Return all settings."""
    return told(await user_files.settings(service, caller))


@router.post("/settings")
async def set_settings(caller: Generator, service: TheService, request: Request) -> Response:
    """Change some settings."""
    await user_files.set_settings(service, caller, await object_of(request))
    return done()


@router.get("/settings/{setting_id}")
async def setting(setting_id: str, caller: Reader, service: TheService) -> Response:
    """Return a setting; null where it is not set."""
    return told((await user_files.settings(service, caller)).get(setting_id))


@router.post("/settings/{setting_id}")
async def set_setting(setting_id: str, caller: Generator, service: TheService, request: Request) -> Response:
    """Change a setting."""
    await user_files.set_settings(service, caller, {setting_id: await json_of(request)})
    return done()


# --- users


@router.get("/users")
async def users(caller: Reader) -> Response:
    """Say that there is one user: whose key it is."""
    del caller
    return told({"storage": "server", "migrated": True})


@router.post("/users")
async def add_user(caller: Generator) -> Response:
    """Add nobody: whoever has a key is somebody."""
    del caller
    return told({"error": "Users are keys here: comfygen keys create."}, 400)
