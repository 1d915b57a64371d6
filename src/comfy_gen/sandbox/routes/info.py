"""Routes that say what the server is and has."""

from __future__ import annotations

import os
import platform
import sys
from typing import TYPE_CHECKING, Any

from aiohttp import web

from comfy_gen import __version__
from comfy_gen.sandbox.log import TERMINAL
from comfy_gen.sandbox.options import FOLDERS
from comfy_gen.sandbox.routes.context import engine_of, object_of, trouble

if TYPE_CHECKING:
    from comfy_gen.sandbox.engine import Engine

COMFYUI_VERSION = "0.3.75"
"""The ComfyUI whose manners the sandbox has."""

_GIB = 1024**3
_MEMORY = 16 * _GIB
_MODEL_SIZE = 2 * _GIB


def features(engine: Engine) -> dict[str, Any]:
    """Return the server's feature flags."""
    return {"supports_preview_metadata": True, "max_upload_size": engine.options.max_upload_size}


async def get_features(request: web.Request) -> web.Response:
    """Show the feature flags."""
    return web.json_response(features(engine_of(request)))


async def get_system_stats(request: web.Request) -> web.Response:
    """Describe a machine: its memory is made up, its being a sandbox is not."""
    free = max(0, _MEMORY - _MODEL_SIZE * len(engine_of(request).executor.loaded))
    memory = {"vram_total": _MEMORY, "vram_free": free, "torch_vram_total": _MEMORY, "torch_vram_free": free}
    system = {
        "os": os.name,
        "ram_total": _MEMORY,
        "ram_free": free,
        "comfyui_version": COMFYUI_VERSION,
        "required_frontend_version": None,
        "installed_templates_version": None,
        "required_templates_version": None,
        "python_version": sys.version.replace("\n", ""),
        "pytorch_version": "none",
        "embedded_python": False,
        "argv": ["comfygen", "sandbox"],
        "comfygen_sandbox": __version__,
    }
    device = {"name": f"comfygen sandbox ({platform.machine()})", "type": "cpu", "index": None, **memory}
    return web.json_response({"system": system, "devices": [device]})


async def get_object_info(request: web.Request) -> web.Response:
    """Describe all node classes."""
    return web.json_response(engine_of(request).object_info())


async def get_class_info(request: web.Request) -> web.Response:
    """Describe one node class; nothing for an unknown one."""
    name, classes = request.match_info["name"], engine_of(request).object_info()
    return web.json_response({name: classes[name]} if name in classes else {})


async def get_embeddings(request: web.Request) -> web.Response:
    """List the embeddings, without their suffixes."""
    names = engine_of(request).options.models.get("embeddings", ())
    return web.json_response([name.rpartition(".")[0] or name for name in names])


async def get_folders(_: web.Request) -> web.Response:
    """List the model folders."""
    return web.json_response(FOLDERS)


async def get_models(request: web.Request) -> web.Response:
    """List the models of a folder."""
    folder = request.match_info["folder"]
    if folder not in FOLDERS:
        return web.Response(status=404)
    return web.json_response(list(engine_of(request).options.models.get(folder, ())))


async def get_folder_paths(request: web.Request) -> web.Response:
    """List the model folders with where they would be."""
    root = engine_of(request).files.root
    return web.json_response([{"name": folder, "folders": [str(root / "models" / folder)]} for folder in FOLDERS])


async def get_model_files(request: web.Request) -> web.Response:
    """List the models of a folder with their sizes, which are made up."""
    folder = request.match_info["folder"]
    if folder not in FOLDERS:
        return web.Response(status=404)
    names = engine_of(request).options.models.get(folder, ())
    about = {"pathIndex": 0, "modified": 0.0, "created": 0.0, "size": _MODEL_SIZE}
    return web.json_response([{"name": name, **about} for name in names])


async def get_model_metadata(request: web.Request) -> web.Response:
    """Show a model's own metadata: that there is no such file."""
    folder, name = request.match_info["folder"], request.query.get("filename", "")
    known = name.endswith(".safetensors") and name in engine_of(request).options.models.get(folder, ())
    return web.json_response({"comfygen_sandbox": "only a name"}) if known else web.Response(status=404)


async def get_nothing(_: web.Request) -> web.Response:
    """Answer 404 with an empty body: no previews of models here."""
    return web.Response(status=404)


async def get_empty_list(_: web.Request) -> web.Response:
    """Answer with an empty list: no extensions."""
    return web.json_response([])


async def get_empty_object(_: web.Request) -> web.Response:
    """Answer with an empty object: no translations, templates, subgraphs."""
    return web.json_response({})


async def get_static(request: web.Request) -> web.Response:
    """Answer for the page that a real server has at ``/``; nothing else is there."""
    if request.path == "/":
        page = (
            "<!doctype html><title>ComfyGen sandbox</title><p>A sandbox engine of ComfyGen. It has no user interface."
        )
        return web.Response(text=page, content_type="text/html")
    return web.Response(status=404, content_type="application/octet-stream")


async def get_logs(request: web.Request) -> web.Response:
    """Show the log as one text."""
    return web.json_response("".join(f"{entry['t']} - {entry['m']}" for entry in engine_of(request).log.entries))


async def get_raw_logs(request: web.Request) -> web.Response:
    """Show the log line by line."""
    return web.json_response({"entries": engine_of(request).log.entries, "size": TERMINAL})


async def patch_log_subscription(request: web.Request) -> web.Response:
    """Send a client the log's lines from now on, or no longer."""
    body = await object_of(request)
    subscribers = engine_of(request).log.subscribers
    (subscribers.add if body.get("enabled") else subscribers.discard)(str(body.get("clientId")))
    return web.Response()


async def get_internal_paths(request: web.Request) -> web.Response:
    """Show the model folders' paths."""
    root = engine_of(request).files.root
    return web.json_response({folder: [str(root / "models" / folder)] for folder in FOLDERS})


async def get_internal_files(request: web.Request) -> web.Response:
    """List the files of a folder, newest first."""
    kind = request.match_info["kind"]
    if kind not in {"output", "input", "temp"}:
        return web.json_response({"error": "Invalid directory type"}, status=400)
    entries = [path for path in engine_of(request).files.present(kind).iterdir() if path.is_file()]
    try:
        entries.sort(key=lambda path: -path.stat().st_mtime)
    except OSError as error:
        raise trouble() from error
    return web.json_response([path.name for path in entries])


ROUTES = (
    web.get("/features", get_features),
    web.get("/system_stats", get_system_stats),
    web.get("/object_info", get_object_info),
    web.get("/object_info/{name}", get_class_info),
    web.get("/embeddings", get_embeddings),
    web.get("/models", get_folders),
    web.get("/models/{folder}", get_models),
    web.get("/view_metadata/{folder}", get_model_metadata),
    web.get("/experiment/models", get_folder_paths),
    web.get("/experiment/models/{folder}", get_model_files),
    web.get("/experiment/models/preview/{folder}/{index}/{filename:.*}", get_nothing),
    web.get("/extensions", get_empty_list),
    web.get("/i18n", get_empty_object),
    web.get("/workflow_templates", get_empty_object),
    web.get("/global_subgraphs", get_empty_object),
)

INTERNAL_ROUTES = (
    web.get("/internal/logs", get_logs),
    web.get("/internal/logs/raw", get_raw_logs),
    web.patch("/internal/logs/subscribe", patch_log_subscription),
    web.get("/internal/folder_paths", get_internal_paths),
    web.get("/internal/files/{kind}", get_internal_files),
)
