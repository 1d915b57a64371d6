"""Runs the MCP server on stdin and stdout for ``comfygen mcp``, over a service elsewhere or over one in this process.

Stdout belongs to the protocol: what there is to say besides goes to stderr.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from comfy_gen.cli.valve import valve
from comfy_gen.config import configure_logging, read_configuration
from comfy_gen.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from comfy_gen.config import Settings
    from comfy_gen.mcp.service import Service

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STDIN = 0


def run(flags: Mapping[str, object]) -> int:
    """Serve until stdin ends or a signal comes, and return the exit code.

    Raises:
        MissingExtraError: the SDK is not installed.
        DatabaseError: the database cannot be used.
        ConfigurationError: what is set cannot work.
    """
    if find_spec("mcp") is None:
        raise MissingExtraError("the MCP server", "mcp")
    configuration = read_configuration(flags=flags)
    settings = configuration.settings
    if configuration.values["api.log_level"].is_default:
        settings = replace(settings, api=replace(settings.api, log_level="warning"))  # each call would be a line
    configure_logging(settings)
    asyncio.run(_serve(settings, valve(STDIN)))
    return 0


async def _serve(settings: Settings, close: Callable[[], None]) -> None:
    # Late: an extra, which takes half a second to load.
    from comfy_gen.api.agents import options_of  # noqa: PLC0415
    from comfy_gen.mcp.server import build_server  # noqa: PLC0415

    _close_on_signals(close)
    folders = settings.mcp.folders or (settings.output.output_dir,)
    async with opened(settings) as service:
        server = build_server(lambda _: service, replace(options_of(settings.mcp), folders=folders))
        await server.run_stdio_async()


def _close_on_signals(close: Callable[[], None]) -> None:
    """End in order at the first signal, and at once at the second."""
    loop = asyncio.get_running_loop()

    def end() -> None:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
        close()

    for number in SIGNALS:
        loop.add_signal_handler(number, end)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncGenerator[Service]:
    """Open the service that is set, or one in this process.

    Raises:
        DatabaseError: the database cannot be used.
        ConfigurationError: what is set cannot work.
    """
    async with AsyncExitStack() as stack:
        yield await (_elsewhere(settings, stack) if settings.mcp.url else _here(settings, stack))


async def _elsewhere(settings: Settings, stack: AsyncExitStack) -> Service:
    from comfy_gen.mcp.service import Service  # noqa: PLC0415
    from comfy_gen.mcp.transports.remote import Remote  # noqa: PLC0415

    way = Remote(settings.mcp.url, settings.mcp.key)
    stack.push_async_callback(way.close)
    return Service(way)


async def _here(settings: Settings, stack: AsyncExitStack) -> Service:
    """Open the HTTP service without a network. Who started this command owns it: a key for everything is made up."""
    from comfy_gen.api.app import create_app  # noqa: PLC0415
    from comfy_gen.mcp.service import Service  # noqa: PLC0415
    from comfy_gen.mcp.transports.in_process import InProcess  # noqa: PLC0415
    from comfy_gen.mcp.transports.lifespan import started  # noqa: PLC0415

    key = secrets.token_urlsafe(32)
    # Nobody serves these links here; `comfygen serve` does at this address, and takes them for its own.
    address = settings.api.public_url or settings.api.address
    app = create_app(replace(settings, api=replace(settings.api, access="keys", key=key, public_url=address)))
    await stack.enter_async_context(started(app))
    way = InProcess(app)
    stack.push_async_callback(way.close)
    return Service(way, [("Authorization", f"Bearer {key}")])
