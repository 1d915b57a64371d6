from __future__ import annotations

import pytest
from aiohttp import web

from comfy_gen.comfyui import AsyncComfyUIClient
from comfy_gen.comfyui.http import parse_url
from comfy_gen.errors import EngineResponseError, InvalidParameterError, NotComfyUIError


@pytest.mark.parametrize(
    ("given", "full"),
    [
        ("http://gpu:8188/", "http://gpu:8188"),
        ("gpu:8188", "http://gpu:8188"),
        ("https://gpu/comfy/", "https://gpu/comfy"),
    ],
)
def test_address_is_completed(given, full):
    assert parse_url(given) == (full, {})


def test_login_is_kept_apart():
    login = {"Authorization": "Basic YWRhOnBAc3M="}  # ada:p@ss
    assert parse_url("https://ada:p%40ss@gpu:8188/x") == ("https://gpu:8188/x", login)


def test_password_is_not_in_the_error():
    with pytest.raises(InvalidParameterError) as caught:
        parse_url("ftp://ada:secret@gpu")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "given", ["http://gpu/?a=b", "http://gpu/#x", "ftp://gpu", "http://", "http://gpu:port", "", "http://[::1"]
)
def test_impossible_address_is_refused(given):
    with pytest.raises(InvalidParameterError, match="engine's address"):
        parse_url(given)


@pytest.fixture
async def answering():
    """A server that answers everything with one body, and the logins that it was sent."""
    logins, bodies = [], ["{}"]

    async def answer(request):
        logins.append(request.headers.get("Authorization"))
        return web.Response(text=bodies[0], content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1], bodies, logins
    await runner.cleanup()


async def test_login_is_sent_and_not_shown(answering):
    port, _, logins = answering
    async with AsyncComfyUIClient(url=f"http://ada:secret@127.0.0.1:{port}") as client:
        await client.get_queue()
        assert client.url == f"http://127.0.0.1:{port}"
    assert logins == ["Basic YWRhOnNlY3JldA=="]


@pytest.mark.parametrize("body", ["[]", "<html>", "null", "3"])
async def test_answer_of_another_kind_is_an_error_of_the_engine(answering, body):
    port, bodies, _ = answering
    bodies[0] = body
    async with AsyncComfyUIClient(url=f"http://127.0.0.1:{port}") as client:
        for call in (client.get_queue, client.get_history, client.get_object_info, client.get_system_stats):
            with pytest.raises(EngineResponseError):
                await call()
        with pytest.raises(EngineResponseError):
            await client.find_prompt("p")
        with pytest.raises(NotComfyUIError):
            await client.identify()
        assert await client.is_available() is False
