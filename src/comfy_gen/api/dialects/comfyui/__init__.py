"""A ComfyUI's own API: one ComfyUI to look at, many engines behind it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import APIRouter

from comfy_gen.api.dialects.comfyui import (
    facts,
    files,
    frontend,
    history,
    internal,
    jobs,
    models,
    packs,
    port,
    prompts,
    queue,
    refusals,
    sockets,
    userdata,
)
from comfy_gen.api.dialects.dialect import Dialect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapi import FastAPI

    from comfy_gen.config import DialectOptions


def dialect(options: DialectOptions) -> Dialect:
    """Return the dialect. Every path of a ComfyUI is there twice: bare, and below ``/api``."""
    router, path = APIRouter(), options.comfyui_path
    for prefix in (f"{path}/api", path):
        for part in (prompts, queue, history, files, facts, models, packs, internal, userdata, sockets):
            router.include_router(part.routes(), prefix=prefix)
    router.include_router(jobs.routes(), prefix=f"{path}/api")
    router.include_router(frontend.routes(), prefix=path)
    return Dialect(
        "comfyui",
        (path,),
        (router,),
        refusals.answer,
        opened=_opened,
        is_upload=lambda method, path: files.is_upload(method, path) or userdata.is_file(method, path),
        is_untyped=lambda _method, asked: asked.startswith(f"{path}/"),
    )


@asynccontextmanager
async def _opened(app: FastAPI) -> AsyncGenerator[None]:
    facts.open_in(app)
    async with sockets.broadcasting(app), port.at_port(app, app.state.service.settings):
        yield
