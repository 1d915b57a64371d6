"""Routes that keep what a user interface wants kept: settings, and files of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from comfy_gen.sandbox.routes.context import engine_of, json_of, object_of

if TYPE_CHECKING:
    from pathlib import Path

_HOME = "default"
_SETTINGS = "comfy.settings.json"


async def get_users(_: web.Request) -> web.Response:
    """Say that there is one user only."""
    return web.json_response({"storage": "server", "migrated": False})


async def get_settings(request: web.Request) -> web.Response:
    """Show all settings."""
    return web.json_response(_settings(request))


async def get_setting(request: web.Request) -> web.Response:
    """Show one setting, null for one that is not set."""
    return web.json_response(_settings(request).get(request.match_info["id"]))


async def post_settings(request: web.Request) -> web.Response:
    """Set several settings."""
    _store_settings(request, await object_of(request))
    return web.Response()


async def post_setting(request: web.Request) -> web.Response:
    """Set one setting."""
    _store_settings(request, {request.match_info["id"]: await json_of(request)})
    return web.Response()


def _settings_file(request: web.Request) -> Path:
    return engine_of(request).files.folder("user") / _HOME / _SETTINGS


def _settings(request: web.Request) -> dict[str, Any]:
    path = _settings_file(request)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _store_settings(request: web.Request, changed: dict[str, Any]) -> None:
    path = _settings_file(request)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**_settings(request), **changed}), encoding="utf-8")


async def list_files(request: web.Request) -> web.Response:
    """List a folder's files: names, split names, or names with sizes and times."""
    query = request.query
    if not query.get("dir"):
        return web.Response(status=400, text="Directory not provided")
    folder = _inside(request, query["dir"])
    if folder is None:
        return web.Response(status=403)
    if not folder.is_dir():
        return web.Response(status=404, text="Directory not found")
    found = folder.rglob("*") if query.get("recurse", "").lower() == "true" else folder.glob("*")
    names = [(path, path.relative_to(folder).as_posix()) for path in sorted(found) if path.is_file()]
    if query.get("full_info", "").lower() == "true":
        return web.json_response([_info(path, name) for path, name in names])
    if query.get("split", "").lower() == "true":
        return web.json_response([[name, *name.split("/")] for _, name in names])
    return web.json_response([name for _, name in names])


async def list_tree(request: web.Request) -> web.Response:
    """List what lies in a folder, folders among it."""
    home = _inside(request, "")
    folder = _inside(request, request.query.get("path", ""))
    if home is None or folder is None:
        return web.Response(status=400, text="Invalid characters in path parameter")
    if not folder.is_dir():
        return (
            web.json_response([])
            if folder == home
            else web.Response(status=404, text="Requested path is not a directory")
        )
    return web.json_response([_leaf(path, path.relative_to(home).as_posix()) for path in sorted(folder.iterdir())])


def _leaf(path: Path, name: str) -> dict[str, Any]:
    about = {"name": path.name, "path": name, "type": "directory" if path.is_dir() else "file"}
    return about if path.is_dir() else {**about, "size": path.stat().st_size, "modified": path.stat().st_mtime}


async def get_file(request: web.Request) -> web.StreamResponse:
    """Give a file out."""
    path = _inside(request, request.match_info["file"])
    if path is None:
        return web.Response(status=403)
    return web.FileResponse(path) if path.is_file() else web.Response(status=404)


async def post_file(request: web.Request) -> web.Response:
    """Keep a file; one that is there stays only with ``overwrite=false``."""
    path = _inside(request, request.match_info["file"])
    if path is None:
        return web.Response(status=403)
    if path.exists() and request.query.get("overwrite") == "false":
        return web.Response(status=409, text="File already exists")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(await request.read())
    return _named(request, path)


async def delete_file(request: web.Request) -> web.Response:
    """Remove a file."""
    path = _inside(request, request.match_info["file"])
    if path is None:
        return web.Response(status=403)
    if not path.is_file():
        return web.Response(status=404)
    path.unlink()
    return web.Response(status=204)


async def move_file(request: web.Request) -> web.Response:
    """Give a file another name."""
    source, target = (_inside(request, request.match_info[part]) for part in ("file", "dest"))
    if source is None or target is None:
        return web.Response(status=403)
    if not source.is_file():
        return web.Response(status=404)
    if target.exists() and request.query.get("overwrite") == "false":
        return web.Response(status=409, text="File already exists")
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    return _named(request, target)


def _inside(request: web.Request, name: str) -> Path | None:
    files = engine_of(request).files
    home = (files.folder("user") / _HOME).resolve()
    path = files.inside("user", _HOME, name)
    return path if path and path.is_relative_to(home) else None


def _named(request: web.Request, path: Path) -> web.Response:
    home = (engine_of(request).files.folder("user") / _HOME).resolve()
    name = path.relative_to(home).as_posix()
    return web.json_response(_info(path, name) if request.query.get("full_info") == "true" else name)


def _info(path: Path, name: str) -> dict[str, Any]:
    stat = path.stat()
    return {"path": name, "size": stat.st_size, "modified": stat.st_mtime, "created": stat.st_ctime}


ROUTES = (
    web.get("/users", get_users),
    web.get("/settings", get_settings),
    web.get("/settings/{id}", get_setting),
    web.post("/settings", post_settings),
    web.post("/settings/{id}", post_setting),
    web.get("/userdata", list_files),
    web.get("/v2/userdata", list_tree),
    web.post("/userdata/{file}/move/{dest}", move_file),
    web.get("/userdata/{file}", get_file),
    web.post("/userdata/{file}", post_file),
    web.delete("/userdata/{file}", delete_file),
)
