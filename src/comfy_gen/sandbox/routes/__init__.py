"""The HTTP and WebSocket face of the sandbox: one module for each group of routes, thin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from comfy_gen.sandbox.routes.context import ENGINE, SANDBOX
from comfy_gen.sandbox.routes.guards import GUARDS

from . import files, info, prompts, script, socket, userdata

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from comfy_gen.sandbox.engine import Engine
    from comfy_gen.sandbox.server import Sandbox


def application(sandbox: Sandbox, engine: Engine) -> web.Application:
    """Build the application for one life of a sandbox."""
    app = web.Application(middlewares=GUARDS, client_max_size=sandbox.options.max_upload_size)
    app[SANDBOX], app[ENGINE] = sandbox, engine
    groups = (prompts.ROUTES, files.ROUTES, info.ROUTES, userdata.ROUTES, socket.ROUTES)
    for group in groups:
        app.add_routes(_twins(group))
    app.add_routes([*info.INTERNAL_ROUTES, *script.ROUTES, web.get("/{tail:.*}", info.get_static)])
    return app


def _twins(routes: Sequence[web.RouteDef]) -> Iterator[web.RouteDef]:
    """Every route of ComfyUI answers under ``/api`` too."""
    for route in routes:
        yield route
        yield web.RouteDef(route.method, f"/api{route.path}", route.handler, route.kwargs)
