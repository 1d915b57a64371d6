"""OpenAI's own SDK, asking a service in this process or in one of its own."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import openai
import pytest
import pytest_asyncio

from comfy_gen.sandbox import SandboxOptions
from tests.api.dialects.desk import newcomer, opened_desk
from tests.background import BackgroundSandbox
from tests.served import ServedProcess, environment_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    import httpx

    from tests.api.conftest import Served

    Asking = Callable[..., AbstractAsyncContextManager[openai.AsyncOpenAI]]


@pytest.fixture(scope="session")
def asking() -> Asking:
    """Return what opens the SDK for a service in this process: it gets a stream as a whole, once that has ended."""

    @asynccontextmanager
    async def asking(served: Served, client: httpx.AsyncClient, **options: Any) -> AsyncGenerator[openai.AsyncOpenAI]:
        transport = httpx2.ASGITransport(app=served.app, client=("127.0.0.1", 40_000))
        usual = {"base_url": "http://127.0.0.1:8000/v1", "max_retries": 0, "timeout": 30}
        key = client.headers.get("x-api-key", "sk-none")
        async with httpx2.AsyncClient(transport=transport) as http:
            yield openai.AsyncOpenAI(api_key=key, http_client=http, **{**usual, **options})

    return asking


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A service for the tests of a module, on the loop of that module."""
    async with opened_desk(tmp_path_factory.mktemp("openai")) as desk:
        yield desk


@pytest_asyncio.fixture(loop_scope="module")
async def ann(desk: Served) -> httpx.AsyncClient:
    """Somebody who asks without an SDK."""
    return await newcomer(desk)


@pytest_asyncio.fixture(loop_scope="module")
async def sdk(desk: Served, ann: httpx.AsyncClient, asking: Asking) -> AsyncIterator[openai.AsyncOpenAI]:
    """The SDK with Ann's key."""
    async with asking(desk, ann) as sdk:
        yield sdk


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    """A service in a process of its own, whose engine takes a while for each step."""
    with BackgroundSandbox(SandboxOptions(step_time=0.04)) as sandbox:
        folder = tmp_path_factory.mktemp("openai")
        with ServedProcess(folder, environment_of(sandbox.url, folder, COMFYGEN_POLICY_CHECK_PICTURES="no")) as process:
            yield process
