"""Serves the studio: one page for all its views, and the files that the page loads. It asks nobody but this service."""

from __future__ import annotations

from html import escape
from string import Template

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from comfy_gen import studio

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Pictures may also come from the page's own memory: what was painted, what an engine sees on the way."""
_AS_IT_IS = {"X-Content-Type-Options": "nosniff"}
_SAFELY = {
    **_AS_IT_IS,
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"

router = APIRouter(include_in_schema=False)


@router.get("/studio")
async def begin(request: Request) -> RedirectResponse:
    """Lead to the first view."""
    return RedirectResponse(f"{_root(request)}/studio/{studio.VIEWS[0]}", 307)


@router.get("/studio/files/{stamp}/{name:path}")
async def file(stamp: str, name: str, request: Request) -> Response:
    """Return a script, a style sheet or a picture of the studio's."""
    found = studio.files().get(name)
    if found is None:
        raise HTTPException(404)
    headers = {
        **_AS_IT_IS,
        "Cache-Control": _FOR_EVER if stamp == studio.stamp() else _ASK_FIRST,
        "ETag": found.etag,
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == found.etag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.compressed, media_type=found.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(found.content, media_type=found.media_type, headers=headers)


@router.get("/studio/{view}")
async def view(view: str, request: Request) -> HTMLResponse:
    """Return the page, which shows the view of its address."""
    if view not in studio.VIEWS:
        raise HTTPException(404)
    root = escape(_root(request))
    files = f"{root}/studio/files/{studio.stamp()}"
    preloads = "\n".join(f'<link rel="modulepreload" href="{files}/{name}">' for name in studio.needed_at_once(view))
    text = Template(studio.page()).substitute(root=root, files=files, preloads=preloads)
    return HTMLResponse(text, headers={**_SAFELY, "Content-Security-Policy": POLICY, "Cache-Control": _ASK_FIRST})


def _root(request: Request) -> str:
    """Return the path under which a proxy has this service; empty where it has none."""
    return str(request.scope.get("root_path", "")).rstrip("/")
