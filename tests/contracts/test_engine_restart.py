"""An engine that is killed in mid-run and started again has forgotten everything but its files."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import aiohttp
import pytest

from comfy_gen.sandbox import Sandbox, SandboxOptions
from tests.contracts.conftest import MODELS, STEP
from tests.contracts.graphs import endless, picture
from tests.contracts.peer import PATIENCE, Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.live.comfyui.server import ComfyUI

pytestmark = pytest.mark.unlike_service("nothing is forgotten: see test_service_restart.py")

Restart = Callable[[], Awaitable[None]]


@pytest.fixture
async def mortal(request: pytest.FixtureRequest, kind: str) -> AsyncIterator[tuple[Peer, Restart]]:
    """A client of an engine of the test's own, and what kills and restarts that engine."""
    async with aiohttp.ClientSession() as session:
        if kind == "comfyui":
            server: ComfyUI = request.getfixturevalue("fresh_comfyui")
            yield Peer(server.url, session), lambda: asyncio.to_thread(server.restart)
            return
        async with Sandbox(SandboxOptions(models=MODELS, step_time=STEP)) as sandbox:
            yield Peer(sandbox.url, session), sandbox.restart


async def test_restart_forgets_queue_and_history_and_keeps_files(mortal: tuple[Peer, Restart]) -> None:
    engine, restart = mortal
    done = await engine.run(picture())
    (ref,) = done["outputs"]["2"]["images"]
    async with engine.listen("same") as line:
        lost = [await engine.submit(endless(), line), await engine.submit(picture(), line)]
        await line.until_type("progress")
        await restart()
        async with asyncio.timeout(PATIENCE):
            while (frame := await line.socket.receive()).type is not aiohttp.WSMsgType.CLOSED:
                assert frame.type in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.CLOSING}
        assert line.socket.close_code == aiohttp.WSCloseCode.ABNORMAL_CLOSURE
    assert (await engine.get("/queue")).json() == {"queue_running": [], "queue_pending": []}
    for prompt_id in (done["prompt"][1], *lost):
        assert (await engine.get(f"/history/{prompt_id}")).json() == {}
    assert (await engine.get("/view", params=ref)).status == 200


async def test_client_id_of_before_the_restart_is_as_good_as_new(mortal: tuple[Peer, Restart]) -> None:
    engine, restart = mortal
    async with engine.listen("same"):
        await restart()
    async with engine.listen("same") as line:
        prompt_id = await engine.submit(picture(), line)
        await line.until_done(prompt_id)
    assert (await engine.history(prompt_id))["prompt"][0] in {0, 1}
