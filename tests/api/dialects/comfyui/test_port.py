"""A ComfyUI at a port of its own: the same application, with all that stands before its routes."""

from __future__ import annotations

import json
import signal
import urllib.request
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from comfy_gen.api.dialects.comfyui.port import Prefixed, at_port
from comfy_gen.api.listening import listening
from comfy_gen.config import Settings
from comfy_gen.errors import PortInUseError
from tests.api.dialects.comfyui.stage import stage
from tests.ports import free_port
from tests.served import ServedProcess, environment_of

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = "http://127.0.0.1:9"


def settings_of(port: int, *, workers: int = 1) -> Settings:
    usual = Settings()
    return replace(usual, dialects=replace(usual.dialects, comfyui_port=port), api=replace(usual.api, workers=workers))


async def silent(scope, receive, send):
    """An application with nothing to say."""
    await send({"type": "http.response.start", "status": 204, "headers": [(b"x-path", scope["path"].encode())]})
    await send({"type": "http.response.body"})


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_application_hears_of_paths_with_their_prefix(kind):
    heard = []

    async def application(scope, _receive, _send):
        heard.append((scope["path"], scope["raw_path"]))

    scope = {"type": kind, "path": "/view/ä", "raw_path": b"/view/%C3%A4"}
    await Prefixed(application, "/comfyui")(scope, None, None)
    assert heard == [("/comfyui/view/ä", b"/comfyui/view/%C3%A4")]
    assert scope["path"] == "/view/ä"


async def test_other_events_are_passed_on_as_they_are():
    heard = []

    async def application(scope, _receive, _send):
        heard.append(scope)

    await Prefixed(application, "/comfyui")({"type": "lifespan"}, None, None)
    assert heard == [{"type": "lifespan"}]


async def test_port_is_free_again_once_the_block_is_left():
    port = free_port()
    async with aiohttp.ClientSession() as session:
        async with at_port(silent, settings_of(port)), session.get(f"http://127.0.0.1:{port}/prompt") as answer:
            assert (answer.status, answer.headers["x-path"]) == (204, "/comfyui/prompt")
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"http://127.0.0.1:{port}/prompt")


async def test_processes_of_one_service_share_the_port():
    port = free_port()
    async with at_port(silent, settings_of(port, workers=2)), at_port(silent, settings_of(port, workers=2)):
        with pytest.raises(PortInUseError):
            async with at_port(silent, settings_of(port)):
                pass


async def test_service_does_not_start_where_another_program_has_the_port():
    with listening("127.0.0.1", 0) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortInUseError, match=str(port)):
            async with at_port(silent, settings_of(port)):
                pass


async def test_all_that_stands_before_the_routes_stands_before_the_port_too(tmp_path: Path):
    async with stage(tmp_path) as house:
        client = await house.client()
        assert (await client.get("/prompt")).status == 200
        assert (await client.get("/api/prompt")).status == 200
        assert (await client.get("/health")).status == 404  # the service's own paths are elsewhere
        assert (await client.get("/prompt", headers={"Host": "evil.example"})).status == 403
        assert (await client.post("/prompt", {}, headers={"Origin": "http://evil.example"})).status == 403
        await house.peer("ada")
        assert (await client.get("/prompt")).status == 401


@pytest.mark.parametrize("command", [("comfygen", "serve", "--port", "8000"), None], ids=["comfygen", "uvicorn"])
def test_service_that_is_told_to_stop_ends_its_sockets_at_both_ports(tmp_path: Path, command):
    port = free_port()
    more = {"COMFYGEN_DIALECTS_COMFYUI_PORT": str(port), "PYTHONWARNINGS": "default"}
    process = ServedProcess(tmp_path, environment_of(NOWHERE, tmp_path, **more), *([command] if command else []))
    with process, ExitStack() as stack:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/prompt", timeout=10) as answer:
            assert json.load(answer) == {"exec_info": {"queue_remaining": 0}}
        urls = [f"ws://127.0.0.1:{port}/ws", f"{process.url.replace('http', 'ws')}/comfyui/ws"]
        sockets = [stack.enter_context(connect(url)) for url in urls]
        assert [json.loads(socket.recv(10))["type"] for socket in sockets] == ["status", "status"]
        status = process.stop()
        with pytest.raises(ConnectionClosed):
            sockets[0].recv(10)
        with pytest.raises(ConnectionClosed):
            sockets[1].recv(10)
        assert [socket.close_code for socket in sockets] == [1012, 1012]
    assert status == (0 if command else -signal.SIGTERM)
    assert [word for word in ("ERROR", "Traceback", "DeprecationWarning") if word in process.log] == []
    assert f"as a ComfyUI: http://127.0.0.1:{port}" in process.log or not command
