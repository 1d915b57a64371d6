"""``/mcp``: agents that speak the Model Context Protocol over HTTP. What they ask, they ask of the routes beside it.

Each call goes to the service itself, with the key and the address of whoever sent it: what they may do, how often, and
what they may see is decided where it is for everybody.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sse_starlette.sse import AppStatus
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from comfy_gen.api import problems
from comfy_gen.api.access import caller_in
from comfy_gen.api.farewell import is_stopping
from comfy_gen.errors import ComfyGenError, MissingExtraError, ServiceUnreachableError
from comfy_gen.jobs.ending import end
from comfy_gen.mcp.options import McpOptions
from comfy_gen.mcp.service import Service
from comfy_gen.mcp.transports.in_process import InProcess, passed_on

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from fastapi import FastAPI
    from mcp.server.mcpserver import Context
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from starlette.types import ASGIApp, Receive, Scope, Send

    from comfy_gen.config import AgentOptions, Settings
    from comfy_gen.mcp.transports.transport import Reply

PATH = "/mcp"
STREAM = "text/event-stream"
NOBODY = ("", 0)
"""The address of who came by a socket of the file system: surely not this machine's own, as far as keys go."""


class Agents:
    """ASGI: answers agents. What it needs for that is loaded when the first of them comes."""

    def __init__(self, service: ASGIApp, settings: Settings) -> None:
        """Answer by asking a service, which is an ASGI application."""
        self._service = service
        self._settings = settings
        self._opening = asyncio.Lock()
        self._manager: StreamableHTTPSessionManager | None = None
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one message. None needs another one, so that it does not matter which process gets which."""
        request = Request(scope)
        try:
            await caller_in(request)
        except ComfyGenError as error:
            await problems.response_to(scope, error)(scope, receive, send)
            return
        if request.method != "POST":  # there is no session to end, and nothing is said that nobody asked for
            await _only_post(scope, receive, send)
            return
        manager = await self._opened()
        await manager.handle_request(scope, receive, send)

    async def close(self) -> None:
        """End what is being answered."""
        if self._running is not None:
            await end(self._running)
        self._manager = self._running = None

    async def _opened(self) -> StreamableHTTPSessionManager:
        async with self._opening:
            if self._manager is None:
                # What the SDK streams is an answer: it ends by itself, and must not be cut off when the server stops.
                AppStatus.disable_automatic_graceful_drain()
                manager = await asyncio.to_thread(self._build)
                is_open = asyncio.Event()
                self._running = asyncio.create_task(_run(manager, is_open))
                await is_open.wait()
                self._manager = manager
        return self._manager

    def _build(self) -> StreamableHTTPSessionManager:
        # Late: an extra, which takes half a second to load.
        from mcp.server.transport_security import TransportSecuritySettings  # noqa: PLC0415

        from comfy_gen.mcp.server import build_server  # noqa: PLC0415

        server = build_server(self._service_of, options_of(self._settings.mcp))
        server.streamable_http_app(
            stateless_http=True,
            max_request_body_size=self._settings.api.max_body,
            # `origins` has looked already by which name the message came, and from whose page.
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        return server.session_manager

    def _service_of(self, context: Context) -> Service:
        """Return the service as whoever sent a message may use it."""
        request: Any = context.request_context.request
        way = InProcess(self._service, url=str(request.base_url), client=request.client or NOBODY)
        return Service(OwnWay(way), [*passed_on(request.headers.raw), ("X-Request-ID", request.state.request_id)])


class OwnWay:
    """The way from a service to itself; nobody begins to wait there once it is to end."""

    def __init__(self, way: InProcess) -> None:
        self._way = way

    @property
    def url(self) -> str:
        """Where the service is, for people."""
        return self._way.url

    @asynccontextmanager
    async def open(
        self, method: str, target: str, *, headers: Mapping[str, str], content: bytes = b""
    ) -> AsyncGenerator[Reply]:
        """Have a request answered.

        Raises:
            ServiceUnreachableError: it would be a stream, and the server was told to stop.
        """
        if headers.get("Accept") == STREAM and is_stopping():
            raise ServiceUnreachableError(self.url, "it was told to stop", is_ending=True)
        async with self._way.open(method, target, headers=headers, content=content) as reply:
            yield reply

    async def close(self) -> None:
        """End the requests that are open."""
        await self._way.close()


class ToldRoute(Route):
    """A route that the log and the metrics know by its path, as those that FastAPI makes."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        scope["route"] = self
        await super().handle(scope, receive, send)


def mount(app: FastAPI, settings: Settings) -> None:
    """Have an application answer agents, or say what it needs for that."""
    is_there = find_spec("mcp") is not None
    app.state.agents = Agents(app, settings) if is_there else None
    app.router.routes.append(ToldRoute(PATH, app.state.agents or Absence()))


@asynccontextmanager
async def answering(app: FastAPI) -> AsyncGenerator[None]:
    """Let agents be answered in this block, and no longer."""
    try:
        yield
    finally:
        if app.state.agents is not None:
            await app.state.agents.close()


def options_of(options: AgentOptions) -> McpOptions:
    """Return what the settings say of the server, as it takes it."""
    return McpOptions(
        patience=options.patience,
        folders=options.folders,
        image_budget=options.image_budget,
        has_workflow_tools=options.workflow_tools,
    )


async def _run(manager: StreamableHTTPSessionManager, is_open: asyncio.Event) -> None:
    async with manager.run():
        is_open.set()
        await asyncio.Event().wait()


async def _only_post(scope: Scope, receive: Receive, send: Send) -> None:
    told = problems.problem(405, "method_not_allowed", "agents send their messages with POST", "see docs/mcp.md.")
    await JSONResponse(told, 405, headers={"Allow": "POST"})(scope, receive, send)


class Absence:
    """ASGI: says what is missing where the SDK is not installed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say it."""
        error = MissingExtraError("serving agents (MCP)", "mcp")
        told = problems.problem(404, error.code, error.message, error.hint)
        await JSONResponse(told, 404)(scope, receive, send)
