"""The dialects that a service speaks: put among its routes, and found again by the path of a request."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match

from comfy_gen.api.dialects import comfy, comfyui, openai, runpod
from comfy_gen.api.paths import path_of
from comfy_gen.errors import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send

    from comfy_gen.api.dialects.dialect import Dialect
    from comfy_gen.config import DialectOptions

DIALECTS: Mapping[str, Callable[[DialectOptions], Dialect]] = {
    "comfy": comfy.dialect,
    "comfyui": comfyui.dialect,
    "openai": openai.dialect,
    "runpod": runpod.dialect,
}


@cache
def dialects_of(options: DialectOptions) -> Sequence[Dialect]:
    """Return the dialects that are switched on."""
    return tuple(make(options) for name, make in DIALECTS.items() if name in options.enabled)


def mount(app: FastAPI, options: DialectOptions) -> None:
    """Have an application speak the dialects that are switched on; all routes of its own are there already.

    Raises:
        InvalidParameterError: the path that was set for one is a route's own.
    """
    spoken = dialects_of(options)
    for one in spoken:
        if taken := [prefix for prefix in one.prefixes if _is_own(app, prefix)]:
            raise InvalidParameterError("dialects.comfyui_path", taken[0], "a path that the service has not itself")
    app.router.routes[:0] = _routes_of(options)
    app.state.dialects = spoken


@asynccontextmanager
async def speaking(app: FastAPI) -> AsyncGenerator[None]:
    """Hold open what dialects need in this block."""
    async with AsyncExitStack() as stack:
        for one in app.state.dialects:
            await stack.enter_async_context(one.opened(app))
        yield


_CHOSEN = "comfygen.spoken"


class Speech(BaseRoute):
    """All routes of a dialect, behind one look at the path: it takes ten times as long to ask each of the others."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        router = APIRouter()
        for one in dialect.routers:
            router.include_router(one, include_in_schema=False)
        self._routes = router.routes

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return how well the best of its routes fits a request, and which one that is."""
        best: tuple[Match, Scope] = Match.NONE, {}
        if not self._dialect.has(path_of(scope)):
            return best
        for route in self._routes:
            match, found = route.matches(scope)
            if match.value > best[0].value:
                best = match, {**found, _CHOSEN: route}
            if match is Match.FULL:
                break
        return best

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the route that was found answer."""
        await scope[_CHOSEN].handle(scope, receive, send)


@cache
def _routes_of(options: DialectOptions) -> Sequence[BaseRoute]:
    """Return the routes of all of them: made once, for FastAPI takes a while over some hundreds."""
    return [Speech(one) for one in dialects_of(options)]


def _is_own(app: FastAPI, path: str) -> bool:
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return any(route.matches(scope)[0] is not Match.NONE for route in app.routes)
