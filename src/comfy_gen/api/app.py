"""The HTTP service as an ASGI application: ``uvicorn comfy_gen.api.app:app``, or ``comfygen serve``."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

import comfy_gen
from comfy_gen.api import agents, page, problems, studio
from comfy_gen.api.access import ENTRANCE, Admission, Gate
from comfy_gen.api.bounds import Bounds
from comfy_gen.api.compression import Compression
from comfy_gen.api.cookies import Jar
from comfy_gen.api.dialects import spoken
from comfy_gen.api.documented import document
from comfy_gen.api.farewell import ending_in_order
from comfy_gen.api.garbage import seldom_collecting
from comfy_gen.api.heads import Heads
from comfy_gen.api.limits import Limiter, RateHeaders
from comfy_gen.api.lines import Lines
from comfy_gen.api.logs import RequestLog, configure_server_logging
from comfy_gen.api.metrics import HttpMetrics, Metrics, shared_folder
from comfy_gen.api.origins import Origins, Places
from comfy_gen.api.results import Results
from comfy_gen.api.routes import (
    artifacts,
    categories,
    compose,
    engines,
    events,
    favorites,
    gallery,
    generate,
    jobs,
    keys,
    library,
    models,
    modifiers,
    presets,
    queue,
    scores,
    session,
    system,
    uploads,
    webhooks,
    wildcards,
    workflows,
)
from comfy_gen.api.tracing import Tracing, open_tracer, tracing_jobs
from comfy_gen.app.service import open_image_service
from comfy_gen.config import read_settings
from comfy_gen.config.dotenv import use_env_file
from comfy_gen.errors import ConfigurationError, DatabaseError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Scope

    from comfy_gen.app.service import Service
    from comfy_gen.config import Settings

DESCRIPTION = """One ComfyUI, or a rack of them, as an image service.

What is accepted is safe: a job survives the end of this process, of its engine and of the connection that it came by.
"""

EXPOSED_HEADERS = (
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "Retry-After",
    "X-ComfyGen-Job-Id",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-ID",
)
"""What pages of other sites may read beside a body, where they may ask at all."""

_ROUTES = (
    generate,
    compose,
    wildcards,
    categories,
    gallery,  # before the library: its paths are no ids of generations
    library,
    favorites,
    presets,
    workflows,
    modifiers,
    models,
    uploads,
    jobs,
    events,
    queue,
    artifacts,
    scores,
    webhooks,
    engines,
    keys,
    session,
    system,
)


def create_app(settings: Settings) -> FastAPI:
    """Return the application; the service behind it is opened when it is started."""
    app = FastAPI(
        title="ComfyGen",
        version=comfy_gen.__version__,
        description=DESCRIPTION,
        lifespan=_lifespan(settings),
        # As they are: FastAPI would make each anew for an app that includes their routers.
        routes=[route for routes in _ROUTES for route in routes.router.routes],
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    configure_server_logging(settings)
    app.state.metrics = Metrics(shared=shared_folder())
    app.state.tracer = open_tracer()
    app.include_router(page.router)
    app.include_router(studio.router)
    agents.mount(app, settings)
    spoken.mount(app, settings.dialects)
    problems.install(app)
    document(app)
    _wrap(app, settings)
    return app


def _lifespan(settings: Settings) -> Any:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_image_service(settings) as service:
            limiter = Limiter.of(settings)
            app.state.service = service
            app.state.results = Results(service)
            app.state.lines = Lines()
            app.state.uploading = asyncio.Semaphore(uploads.AT_ONCE)
            app.state.gate = Gate(
                service.keys,
                access=settings.api.access,
                master=settings.api.key,
                jar=Jar(service.cookies, public_url=settings.api.public_url),
            )
            app.state.limiter = limiter
            try:
                async with (
                    tracing_jobs(app.state.tracer, service.queue.store, is_ours=lambda: _is_its_own(service)),
                    ending_in_order(service.queue),
                    agents.answering(app),
                    spoken.speaking(app),
                ):
                    with seldom_collecting():
                        yield
            finally:
                await limiter.close()

    return lifespan


def _wrap(app: FastAPI, settings: Settings) -> None:
    """Put the middlewares around the routes; the last that is added hears of a request first."""
    api, spoken_here = settings.api, app.state.dialects

    async def has_keys(scope: Scope) -> bool:
        try:
            return bool(api.key) or await scope["app"].state.service.keys.is_any()
        except DatabaseError:  # the gate will say so, to all but those who ask how the service is
            return True

    app.add_middleware(Compression)
    app.add_middleware(Heads)
    app.add_middleware(
        Bounds,
        limit=api.max_body,
        answer=problems.response_to,
        is_upload=lambda method, path: path == "/uploads" or any(one.is_upload(method, path) for one in spoken_here),
        is_untyped=lambda method, path: any(one.is_untyped(method, path) for one in spoken_here),
        is_small=lambda _, path: path == ENTRANCE,
    )
    app.add_middleware(Admission, answer=problems.response_to)
    app.add_middleware(RateHeaders)
    app.add_middleware(Origins, Places.of(api), access=api.access, has_keys=has_keys, answer=problems.response_to)
    if api.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(api.cors_origins),
            allow_methods=["*"],
            allow_headers=["*"],  # those sites were named: each service's client says a dozen things of its own
            expose_headers=EXPOSED_HEADERS,
        )
    if app.state.tracer is not None:
        app.add_middleware(Tracing, provider=app.state.tracer)
    app.add_middleware(HttpMetrics, metrics=app.state.metrics)
    app.add_middleware(RequestLog)


def _is_its_own(service: Service) -> bool:
    """Tell whether this process is to tell of the jobs that end: of several, the one that works does."""
    return service.worker is not None or not service.settings.api.with_worker


def _configured() -> FastAPI:
    """Return the application as the environment says; whoever started the server is told what is wrong with that."""
    try:
        use_env_file()
        return create_app(read_settings())
    except ConfigurationError as error:
        raise SystemExit(f"error[{error.code}]: {error.message}. {error.hint}") from None


app = _configured()
