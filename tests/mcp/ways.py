"""Both ways to an ASGI application of this process, streams included: called directly, or over HTTP."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal

import uvicorn

from comfy_gen.mcp.transports.in_process import InProcess
from comfy_gen.mcp.transports.remote import Remote

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from comfy_gen.mcp.transports.transport import Transport

Kind = Literal["in_process", "remote"]
KINDS: tuple[Kind, ...] = ("in_process", "remote")


@asynccontextmanager
async def way_to(app: Any, kind: Kind, *, key: str = "") -> AsyncGenerator[Transport]:
    """Give a way to an application that has been started; it is there until the block ends."""
    async with AsyncExitStack() as stack:
        if kind == "in_process":
            transport: Transport = InProcess(app)
        else:
            transport = Remote(await stack.enter_async_context(listening(app)), key)
        stack.push_async_callback(transport.close)
        yield transport


@asynccontextmanager
async def listening(app: Any, port: int = 0) -> AsyncGenerator[str]:
    """Serve an application over HTTP, on this loop; without starting it."""
    with socket.create_server(("127.0.0.1", port)) as listener:  # who connects early waits until the server is there
        config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve([listener]))  # pyright: ignore[reportPrivateUsage]  # the public one takes over the signals of the tests
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
