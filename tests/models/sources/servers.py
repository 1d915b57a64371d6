"""Servers that answer as Hugging Face, Civitai and any web server do, with a few models each."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

CONTENT = b"weights"
SHA256 = "ab" * 32
TOKEN = "a-secret-of-somebody"
COMMIT = "c" * 40


@asynccontextmanager
async def served(app: web.Application) -> AsyncGenerator[str]:
    """Serve an application on a free port of this machine, and give its address."""
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


# --- Hugging Face


def repository(name: str, *paths: str, **more: Any) -> dict[str, Any]:
    """Return a repository as the hub's API tells of it."""
    files = [
        {"rfilename": path, "size": len(CONTENT), "lfs": {"size": len(CONTENT), "sha256": SHA256, "pointerSize": 1}}
        for path in paths
    ]
    return {"id": name, "sha": COMMIT, "siblings": files, "downloads": 7, "tags": [], "gated": False} | more


REPOSITORIES = {
    told["id"]: told
    for told in (
        repository(
            "maker/styles",
            "README.md",
            "watercolour.safetensors",
            tags=["lora"],
            cardData={
                "license": "openrail++",
                "base_model": ["stabilityai/stable-diffusion-xl-base-1.0"],
                "instance_prompt": "in watercolour",
            },
        ),
        repository(
            "maker/several",
            "split_files/vae/one.safetensors",
            "split_files/text_encoders/two.safetensors",
            cardData={"license": "other", "license_name": "their-own"},
            downloads=900,
        ),
        repository("maker/gated", "gated.safetensors", gated="manual"),
        repository("maker/common", "unet/diffusion_pytorch_model.fp16.safetensors"),
        repository("maker/evil", "../../../evil.safetensors", "fine.ckpt"),
        repository("maker/words", "README.md"),
    )
}


def hugging_face() -> web.Application:
    """Return the hub's API, so far as it is used."""
    app = web.Application()
    app.router.add_get("/api/models", _models)
    app.router.add_get("/api/models/{owner}/{name}", _model)
    app.router.add_get("/api/models/{owner}/{name}/revision/{revision}", _model)
    app.router.add_get("/api/models/{owner}/{name}/auth-check", _check)
    return app


def _name(request: web.Request) -> str:
    return f"{request.match_info['owner']}/{request.match_info['name']}"


async def _models(request: web.Request) -> web.Response:
    if request.query["search"] == "slow":
        await asyncio.sleep(3600)
    found = [told for told in REPOSITORIES.values() if request.query["search"] in told["id"]]
    return web.json_response(found[: int(request.query["limit"])])


async def _model(request: web.Request) -> web.Response:
    name = _name(request)
    match name:
        case "maker/slow":
            await asyncio.sleep(3600)
        case "maker/busy":
            return web.Response(status=429)
        case "maker/broken":
            return web.Response(status=500, text=f"said {request.headers.get('Authorization')}")
        case "maker/other":
            return web.json_response(["not", "a", "model"])
        case "maker/words-only":
            return web.Response(text="<html>", content_type="text/html")
        case _:
            pass
    if request.headers.get("Authorization", f"Bearer {TOKEN}") != f"Bearer {TOKEN}":
        return web.Response(status=401, headers={"X-Error-Message": "Invalid credentials in Authorization header"})
    if name not in REPOSITORIES:
        return web.Response(status=404, headers={"X-Error-Code": "RepoNotFound"})
    if request.match_info.get("revision", "main") not in ("main", "refs/pr/1"):
        return web.Response(status=404, headers={"X-Error-Code": "RevisionNotFound"})
    return web.json_response(REPOSITORIES[name])


async def _check(request: web.Request) -> web.Response:
    is_let_in = request.app.get(LET_IN, False)
    return web.json_response({}) if is_let_in else web.Response(status=403, headers={"X-Error-Code": "GatedRepo"})


LET_IN = web.AppKey("let_in", bool)
"""Whether the makers of what is gated have let the account in."""


# --- Civitai


def file(name: str, **more: Any) -> dict[str, Any]:
    """Return a file as Civitai tells of it."""
    told = {"name": name, "type": "Model", "sizeKB": 0.0068, "metadata": {"format": "SafeTensor"}}
    return told | {"hashes": {"SHA256": SHA256.upper(), "CRC32": "00"}} | more


def version(number: int, *files: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a version as Civitai tells of it."""
    told = {"id": number, "modelId": 70, "name": "v2", "baseModel": "SDXL 1.0", "trainedWords": ["in pencil", " a, "]}
    return told | {"model": {"name": "Pencil", "type": "LORA"}, "files": list(files)} | more


VERSIONS = {
    told["id"]: told
    for told in (
        version(
            7,
            file("pencil.ckpt", metadata={"format": "PickleTensor"}, primary=True),
            file("pencil.safetensors"),
            file("pictures.zip", type="Training Data", metadata={"format": "Other"}),
            file("pencil-vae.safetensors", type="VAE"),
        ),
        version(8, file("../../evil.safetensors", primary=True, downloadUrl="https://elsewhere.test/evil")),
        version(9),
        version(10, "not a file", file("x.safetensors", hashes="none", metadata=None), trainedWords="none", name=3),
    )
}
MODEL = {
    "id": 70,
    "name": "Pencil",
    "type": "LORA",
    "nsfw": False,
    "allowNoCredit": False,
    "allowCommercialUse": ["Image", "Rent"],
    "stats": {"downloadCount": 500},
    "modelVersions": [VERSIONS[7]],
}


def civitai() -> web.Application:
    """Return Civitai's API, so far as it is used."""
    app = web.Application()
    app.router.add_get("/api/v1/models", _civitai_models)
    app.router.add_get("/api/v1/models/{number}", _civitai_model)
    app.router.add_get("/api/v1/model-versions/{number}", _civitai_version)
    return app


async def _civitai_models(request: web.Request) -> web.Response:
    asked = request.query
    if asked["query"] == "broken":
        return web.Response(text="{")
    if asked["query"] == "list":
        return web.json_response([])
    adult = MODEL | {"nsfw": True, "name": "not shown"}
    script = MODEL | {"type": "Workflows", "name": "nothing to load"}
    is_wanted = asked["nsfw"] == "false" and "LORA" in asked["types"].split(",")
    return web.json_response({"items": [MODEL, adult, script, "no model"] if is_wanted else []})


async def _civitai_model(request: web.Request) -> web.Response:
    if request.match_info["number"] == "71":
        return web.json_response({"id": 71, "modelVersions": []})
    return web.json_response(MODEL) if request.match_info["number"] == "70" else web.Response(status=404)


async def _civitai_version(request: web.Request) -> web.Response:
    match request.match_info["number"]:
        case "401" | "429" | "500" as status:
            return web.Response(status=int(status), text=request.headers.get("Authorization", ""))
        case "302":
            raise web.HTTPFound("https://elsewhere.test/")
        case "16":
            return web.Response(body=b" " * (16 * 2**20 + 1))
        case "4":
            return web.Response(body=b"[" * 100_000)
        case number:
            told = VERSIONS.get(int(number))
            return web.json_response(told) if told else web.Response(status=404)


# --- any server


def web_server() -> web.Application:
    """Return a server with files, one of which moved."""
    app = web.Application()
    app.router.add_get("/{path:.*}", _file)
    return app


async def _file(request: web.Request) -> web.Response:
    is_part = request.headers.get("Range") == "bytes=0-0"
    part = {"status": 206, "body": CONTENT[:1], "headers": {"Content-Range": f"bytes 0-0/{len(CONTENT)}"}}
    match request.match_info["path"]:
        case "vae/plain.safetensors" if is_part:
            return web.Response(**part)
        case "download" if is_part:
            name = 'attachment; filename="..%2F..%2Fnamed.safetensors"; size=9'
            return web.Response(body=CONTENT, headers={"Content-Disposition": name})
        case "moved":
            raise web.HTTPFound("/vae/plain.safetensors?signed=yes")
        case "round":
            raise web.HTTPFound("/round")
        case "to-file":
            raise web.HTTPFound("file:///etc/passwd")
        case "page.safetensors":
            return web.Response(text="<html>", content_type="text/html")
        case "":
            return web.Response(body=CONTENT)
        case "odd.safetensors":
            return web.Response(**part | {"headers": {"Content-Range": "bytes 0-0/*"}})
        case _:
            raise web.HTTPNotFound
