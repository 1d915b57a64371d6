"""A ComfyUI's own API: one ComfyUI to look at, many engines behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from comfy_gen.api.dialects.comfyui import facts, files, frontend, prompts, sockets, userdata
from comfy_gen.api.dialects.dialect import Dialect
from comfy_gen.api.problems import plainly

if TYPE_CHECKING:
    from comfy_gen.config import DialectOptions


def dialect(options: DialectOptions) -> Dialect:
    """Return the dialect. Every path of a ComfyUI is there twice: bare, and below ``/api``."""
    router = APIRouter()
    for prefix in (f"{options.comfyui_path}/api", options.comfyui_path):
        for part in (prompts, files, facts, userdata, sockets):
            router.include_router(part.routes(), prefix=prefix)
    router.include_router(frontend.routes(), prefix=options.comfyui_path)
    return Dialect("comfyui", (options.comfyui_path,), (router,), plainly)
