"""ComfyUI's own web page, where its package is installed."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

from comfy_gen.api.access import caller_in, check_scope
from comfy_gen.api.dialects.comfyui.answers import told
from comfy_gen.app.caller import Scope
from comfy_gen.errors import UnauthorizedError
from comfy_gen.pipeline.media import media_type_of

PAGE = "comfyui_frontend_package"
"""The package that has the page. Nothing of its code is run here."""
TEMPLATES = ("comfyui_workflow_templates", "comfyui_workflow_templates_json")
"""Packages that have the workflows that the page offers, where one is installed."""

_SAFELY = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_MISSING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A ComfyUI's API</title>
<h1>A ComfyUI's API is spoken here</h1>
<p>Its own web page is not installed. Whoever runs this service gets it by <code>pip install
'comfygen-server[frontend]'</code>, and sees it here after the next start.</p></html>"""
_LOCKED = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A key is needed</title>
<h1>A key is needed</h1>
<p>Enter any name, and the key in place of the password. Or open this service's studio first, and enter the key
there.</p></html>"""

router = APIRouter()


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    return router


@router.get("")
async def begin(request: Request) -> RedirectResponse:
    """Lead to the page: it looks for all else in the folder that it is in."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}{request.url.path}/", 307)


@router.get("/")
@router.get("/index.html")
async def page(request: Request) -> Response:
    """Return the page to those who may look; of others a browser asks a key, as it would a password."""
    try:
        check_scope(await caller_in(request), Scope.READ)
    except UnauthorizedError:
        asking = {"WWW-Authenticate": 'Basic realm="ComfyGen", charset="UTF-8"', "Cache-Control": "no-store"}
        return HTMLResponse(_LOCKED, 401, {**_SAFELY, **asking})
    found = page_in(PAGE)
    if found is None:
        return HTMLResponse(_MISSING, headers={**_SAFELY, "Cache-Control": _ASK_FIRST})
    return HTMLResponse(
        found.text, headers={**_SAFELY, "Content-Security-Policy": found.policy, "Cache-Control": _ASK_FIRST}
    )


@router.get("/user.css")
async def styles() -> Response:
    """Return an empty style sheet: the page asks for it, and a ComfyUI seldom has one."""
    return Response(media_type="text/css", headers={**_SAFELY, "Cache-Control": _ASK_FIRST})


@router.get("/templates/{name:path}")
async def template(name: str, request: Request) -> Response:
    """Return a workflow that the page offers, or the list of them, which is empty where none are installed."""
    files = next(filter(None, (folder_of(package, "templates") for package in TEMPLATES)), None)
    if files is not None:
        return await _file(files, name, request)
    if not name.startswith("index"):
        raise HTTPException(404)
    return told([])


@router.get("/{name:path}")
async def file(name: str, request: Request) -> Response:
    """Return a file that the page loads."""
    files = folder_of(PAGE, "static")
    if files is None:
        raise HTTPException(404)
    return await _file(files, name, request)


async def _file(files: StaticFiles, name: str, request: Request) -> Response:
    answer = await files.get_response(name, request.scope)
    if answer.status_code == 200:
        answer.headers["Content-Type"] = _media_type_of(name)
    is_for_ever = name.startswith("assets/")  # their names have hashes of what is in them
    answer.headers.update({**_SAFELY, "Cache-Control": _FOR_EVER if is_for_ever else _ASK_FIRST})
    return answer


def _media_type_of(name: str) -> str:
    kind = media_type_of(PurePosixPath(name).suffix.lower())
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


# --- what is installed


class Page(NamedTuple):
    """The page, and what it may do."""

    text: str
    policy: str


@cache
def page_in(package: str) -> Page | None:
    """Return the page of a package; None where that is not installed."""
    place = _place(package, "static")
    if place is None:
        return None
    text = (place / "index.html").read_text(encoding="utf-8")
    return Page(text, policy_of(text))


@cache
def folder_of(package: str, name: str) -> StaticFiles | None:
    """Return the files in a folder of a package; None where that is not installed."""
    place = _place(package, name)
    return None if place is None else StaticFiles(directory=place)


def policy_of(text: str) -> str:
    """Return the policy that a page is shown under: it asks nobody but this service, whatever it would like to report.

    Scripts that are written into it run, and no others that anybody might write into it.
    """
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(text))
    inline = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self' 'wasm-unsafe-eval' blob: {inline}; worker-src 'self' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self' data: blob:; manifest-src 'self'; "
        "base-uri 'self'; form-action 'none'; frame-ancestors 'self'"
    )


def _place(package: str, name: str) -> Path | None:
    spec = find_spec(package)
    places = [Path(place) / name for place in (spec and spec.submodule_search_locations) or ()]
    return next((place for place in places if place.is_dir()), None)
