"""The HTTP service as an ASGI application: ``uvicorn comfy_gen.api.app:app``, or ``comfygen serve``."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

import comfy_gen
from comfy_gen.api import problems
from comfy_gen.api.access import Gate
from comfy_gen.api.bounds import Bounds
from comfy_gen.api.limits import Limiter, RateHeaders
from comfy_gen.api.logs import RequestLog
from comfy_gen.api.metrics import HttpMetrics, Metrics, shared_folder
from comfy_gen.api.origins import Origins, Places
from comfy_gen.api.results import Results
from comfy_gen.api.routes import generate, system
from comfy_gen.app.service import open_image_service
from comfy_gen.config import read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Scope

    from comfy_gen.config import Settings

DESCRIPTION = """One ComfyUI, or a rack of them, as an image service.

What is accepted is safe: a job survives the end of this process, of its engine and of the connection that it came by.
"""


def create_app(settings: Settings) -> FastAPI:
    """Return the application; the service behind it is opened when it is started."""
    app = FastAPI(
        title="ComfyGen",
        version=comfy_gen.__version__,
        description=DESCRIPTION,
        lifespan=_lifespan(settings),
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.metrics = Metrics(shared=shared_folder())
    for routes in (generate, system):
        app.include_router(routes.router)
    problems.install(app)
    _wrap(app, settings)
    return app


def _lifespan(settings: Settings) -> Any:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_image_service(settings) as service:
            limiter = Limiter.of(settings)
            app.state.service = service
            app.state.results = Results(service)
            app.state.gate = Gate(service.keys, access=settings.api.access, master=settings.api.key)
            app.state.limiter = limiter
            try:
                yield
            finally:
                await limiter.close()

    return lifespan


def _wrap(app: FastAPI, settings: Settings) -> None:
    """Put the middlewares around the routes; the last that is added hears of a request first."""
    api = settings.api

    async def has_keys(scope: Scope) -> bool:
        return bool(api.key) or await scope["app"].state.service.keys.is_any()

    app.add_middleware(RateHeaders)
    app.add_middleware(Bounds, limit=api.max_body, answer=problems.response_to, is_upload=_is_upload)
    app.add_middleware(Origins, Places.of(api), access=api.access, has_keys=has_keys, answer=problems.response_to)
    if api.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(api.cors_origins),
            allow_methods=["*"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "X-API-Key"],
            expose_headers=["Location", "Retry-After", "X-Request-ID"],
        )
    app.add_middleware(HttpMetrics, metrics=app.state.metrics)
    app.add_middleware(RequestLog)


def _is_upload(method: str, path: str) -> bool:
    return method == "POST" and path == "/uploads"


app = create_app(read_settings())
