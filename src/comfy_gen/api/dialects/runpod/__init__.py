"""The API of a RunPod endpoint that has `worker-comfyui`."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from comfy_gen.api.dialects.dialect import Dialect
from comfy_gen.api.dialects.runpod import problems, routes
from comfy_gen.api.dialects.runpod.deadlines import Deadlines

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapi import FastAPI

    from comfy_gen.config import DialectOptions

PREFIXES = (*routes.BARE, "/v2")


def dialect(_: DialectOptions) -> Dialect:
    """Return the dialect."""
    return Dialect("runpod", PREFIXES, (routes.router,), problems.answer, _opened, is_untyped=_is_ours)


def _is_ours(_: str, path: str) -> bool:
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in PREFIXES)


@asynccontextmanager
async def _opened(app: FastAPI) -> AsyncGenerator[None]:
    app.state.runpod = Deadlines(app.state.service.queue.store)
    async with app.state.runpod.kept():
        yield
