"""The pages for people: where to begin, and the documentation. They ask nothing of anybody but this service."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse

import comfy_gen

if TYPE_CHECKING:
    from collections.abc import Mapping

OURS = Path(__file__).parent / "pages"
SWAGGER = "fastapi_swagger"
"""The package that has Swagger UI's files. Nothing of its code is used."""

_EVERYWHERE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
# Swagger UI styles its parts one by one, has its icons in its style sheet, and asks this service.
_START_POLICY = f"{_EVERYWHERE}style-src 'self'; img-src data:"
_DOCS_POLICY = (
    f"{_EVERYWHERE}script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'"
)

router = APIRouter(include_in_schema=False)


@router.get("/")
async def start(request: Request) -> HTMLResponse:
    """Say what this is, and how to begin."""
    base = escape(str(request.base_url).rstrip("/"))
    page = Template(_text("start.html")).substitute(version=escape(comfy_gen.__version__), base=base)
    return HTMLResponse(page, headers=_headers(_START_POLICY))


@router.get("/docs")
async def docs() -> HTMLResponse:
    """Show the documentation, in which requests can be tried."""
    return HTMLResponse(_text("docs.html"), headers=_headers(_DOCS_POLICY))


@router.get("/docs/assets/{name}")
async def asset(name: str) -> FileResponse:
    """Return a script or a style sheet of these pages."""
    path = assets().get(name)
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, headers={"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"})


@cache
def assets() -> Mapping[str, Path]:
    """Return the files that pages load, by their names."""
    found = {name: OURS / name for name in ("page.css", "docs.js")}
    spec = find_spec(SWAGGER)
    for place in spec.submodule_search_locations or () if spec else ():
        found |= {name: Path(place) / "resources" / name for name in ("swagger-ui-bundle.js", "swagger-ui.css")}
    return found


@cache
def _text(name: str) -> str:
    return (OURS / name).read_text(encoding="utf-8")


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
