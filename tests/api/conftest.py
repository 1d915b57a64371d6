"""The HTTP service in this process, over a sandboxed engine: what the tests of the routes may ask for."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from comfy_gen.api.app import create_app
from comfy_gen.composition.tier import Tier
from comfy_gen.config import Settings
from comfy_gen.sandbox import Sandbox, SandboxOptions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from fastapi import FastAPI

    from comfy_gen.app.service import Service

PATIENCE = 30
"""Seconds after which a test is stuck."""
SMALL = {"width": 256, "height": 256, "steps": 1}
"""As little of a picture as a workflow that ships lets one ask for."""


def picture_graph(color: int = 1) -> dict[str, Any]:
    """A workflow that takes no time."""
    return {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": color}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }


@dataclass
class Served:
    """A service that runs, and somebody on its own machine who asks it."""

    app: FastAPI
    client: httpx.AsyncClient
    engine: Sandbox
    _stack: AsyncExitStack = field(repr=False)

    @property
    def service(self) -> Service:
        return self.app.state.service

    async def caller(self, name: str, *scopes: str, tier: Tier = Tier.GENERAL) -> httpx.AsyncClient:
        """Make a key, and return a client that brings it. From the first key on the client without one is refused."""
        given = frozenset(scopes or ("read", "generate"))
        _, text = await self.service.keys.create(name, name, given, tier=tier, now=1.0)
        return await self._stack.enter_async_context(client_of(self.app, {"X-API-Key": text}))

    async def job(self, workflow: dict[str, Any] | None = None, client: httpx.AsyncClient | None = None) -> str:
        """Have a job accepted, and return its id."""
        body = {"input": {"workflow_json": workflow or picture_graph()}}
        answer = await (client or self.client).post("/generate", json=body)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    async def done(self, workflow: dict[str, Any] | None = None, client: httpx.AsyncClient | None = None) -> Any:
        """Have a job done, and return its result."""
        body = {"input": {"workflow_json": workflow or picture_graph()}}
        answer = await (client or self.client).post("/generate/sync", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def composed(
        self, text: str = "@portrait a lighthouse keeper", client: httpx.AsyncClient | None = None, **said: Any
    ) -> Any:
        """Have a picture composed and made, and return what was told of it when it was accepted."""
        body = {"input": text, **SMALL, **said}
        answer = await (client or self.client).post("/compose", json=body)
        assert answer.status_code == 202, answer.text
        end = await self.service.queue.watching.end(answer.json()["generation_id"])
        assert end.state == "completed", end
        return answer.json()


def client_of(app: FastAPI, headers: dict[str, str] | None = None, peer: str = "127.0.0.1") -> httpx.AsyncClient:
    """Return a client of a service in this process. It gets a stream as a whole, once that has ended."""
    transport = httpx.ASGITransport(app, client=(peer, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers, timeout=PATIENCE)


def events_in(text: str) -> list[dict[str, Any]]:
    """Return the events of a stream, without its heartbeats."""
    found: list[dict[str, Any]] = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append({**fields, "data": json.loads(fields["data"])})
    return found


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Served]]]:
    """Start a service: ``await serve(access="open", engine=SandboxOptions(...))``; other names are `ApiOptions`'.

    Nobody looks at its pictures, which takes longer than to paint them, unless ``policy`` says so, and nothing compares
    them with prompts unless ``quality`` does.
    """
    async with AsyncExitStack() as stack:

        async def serve(
            *,
            engine: SandboxOptions | None = None,
            engines: str | None = None,
            jobs: dict[str, Any] | None = None,
            composition: dict[str, Any] | None = None,
            policy: dict[str, Any] | None = None,
            tracking: dict[str, Any] | None = None,
            quality: dict[str, Any] | None = None,
            mcp: dict[str, Any] | None = None,
            **api: Any,
        ) -> Served:
            sandbox = await stack.enter_async_context(Sandbox(engine or SandboxOptions()))
            usual = Settings()
            settings = replace(
                usual,
                fleet=replace(usual.fleet, engines=engines or f"sandbox={sandbox.url}"),
                jobs=replace(usual.jobs, data_dir=tmp_path, **(jobs or {})),
                composition=replace(usual.composition, **(composition or {})),
                policy=replace(usual.policy, **{"check_pictures": "no", **(policy or {})}),
                tracking=replace(usual.tracking, **(tracking or {})),
                quality=replace(usual.quality, **{"model": "", **(quality or {})}),
                mcp=replace(usual.mcp, **(mcp or {})),
                api=replace(usual.api, **api),
            )
            app = create_app(settings)
            await stack.enter_async_context(app.router.lifespan_context(app))
            return Served(app, await stack.enter_async_context(client_of(app)), sandbox, stack)

        async with asyncio.timeout(PATIENCE):
            yield serve


@pytest.fixture
async def served(serve: Callable[..., Awaitable[Served]]) -> Served:
    """A service as it is without any settings."""
    return await serve()
