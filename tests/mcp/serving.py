"""The real application over a sandboxed engine, and an agent that talks to it by the SDK's own client."""

from __future__ import annotations

import asyncio
import io
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mcp.client.client import Client
from PIL import Image

from comfy_gen.api.app import create_app
from comfy_gen.config import Settings
from comfy_gen.errors import ServiceUnreachableError
from comfy_gen.mcp.options import McpOptions
from comfy_gen.mcp.server import build_server
from comfy_gen.mcp.service import Service
from comfy_gen.mcp.transports.in_process import InProcess
from comfy_gen.sandbox import Sandbox, SandboxOptions

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from mcp.server.mcpserver import MCPServer
    from mcp_types import CallToolResult

    from comfy_gen.mcp.transports.transport import Transport

PATIENCE = 60
SMALL = {"width": 256, "height": 256, "steps": 1}
"""As little of a picture as a workflow that ships lets one ask for."""


@dataclass
class Told:
    """What an agent is told by a call."""

    result: CallToolResult

    @property
    def facts(self) -> dict[str, Any]:
        """The structured content of a call that went well."""
        assert not self.result.is_error, self.text
        return self.result.structured_content

    @property
    def error(self) -> str:
        """The text of a call that did not."""
        assert self.result.is_error, self.text
        return self.text

    @property
    def text(self) -> str:
        return self.result.content[0].text

    def kinds(self) -> list[str]:
        return [one.type for one in self.result.content]


@dataclass
class Served:
    """A service that runs, and servers for agents in front of it."""

    app: Any
    engine: Sandbox
    transport: Transport
    folder: Path

    @property
    def service(self) -> Service:
        return Service(self.transport)

    def server(self, transport: Transport | None = None, **options: Any) -> MCPServer[Any]:
        said = {"folders": (self.folder,), **options}
        return build_server(lambda _: Service(transport or self.transport), McpOptions(**said))

    async def call(
        self,
        tool: str,
        arguments: dict[str, Any] | None = None,
        *,
        transport: Transport | None = None,
        **options: Any,
    ) -> Told:
        """Have an agent with a connection of its own call a tool."""
        async with asyncio.timeout(PATIENCE), Client(self.server(transport, **options)) as client:
            return Told(await client.call_tool(tool, arguments or {}))

    async def made(self, **said: Any) -> dict[str, Any]:
        """Have a small picture made, and return what is told of it."""
        return (await self.call("generate_image", {"prompt": "a lighthouse", **SMALL, **said}, image_budget=0)).facts


@asynccontextmanager
async def served(
    folder: Path, engine: SandboxOptions | None = None, **sections: dict[str, Any]
) -> AsyncGenerator[Served]:
    """Start a service over a sandboxed engine: ``served(folder, jobs={"with_worker": False})``."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(engine or SandboxOptions()))
        settings = settings_for(sandbox.url, folder, **sections)
        app = create_app(settings)
        await stack.enter_async_context(app.router.lifespan_context(app))
        transport = InProcess(app)
        stack.push_async_callback(transport.close)
        (folder / "open").mkdir()
        yield Served(app, sandbox, transport, folder / "open")


class Gone:
    """A way that leads nowhere, until it has been tried so often; and what was sent on it."""

    url = "http://gone"

    def __init__(self, way: Transport | None = None, tries: int = 10**9) -> None:
        self._way = way
        self._tries = tries
        self.sent: list[tuple[str, str, bytes]] = []

    def open(self, method: str, target: str, *, headers: Any, content: bytes = b"") -> Any:
        self.sent.append((method, target, content))
        if len(self.sent) <= self._tries:
            raise ServiceUnreachableError(self.url, "nobody is there")
        return self._way.open(method, target, headers=headers, content=content)

    async def close(self) -> None:
        pass


def settings_for(engines: str, folder: Path, **sections: dict[str, Any]) -> Settings:
    """Return settings of a service that looks at no pictures, unless ``sections`` say so."""
    usual = {
        "fleet": {"engines": f"sandbox={engines}"},
        "jobs": {"data_dir": folder / "data"},
        "policy": {"check_pictures": "no"},
        "quality": {"model": ""},
    }
    settings = Settings()
    for name in {*usual, *sections}:
        values = {**usual.get(name, {}), **sections.get(name, {})}
        settings = replace(settings, **{name: replace(getattr(settings, name), **values)})
    return settings


def picture(color: str = "red", size: tuple[int, int] = (64, 64)) -> bytes:
    """Return a small PNG."""
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, "PNG")
    return file.getvalue()
