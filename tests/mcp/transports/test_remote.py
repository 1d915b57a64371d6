from __future__ import annotations

from typing import Any

import pytest

from comfy_gen.errors import InvalidParameterError, ServiceProblemError, ServiceUnreachableError
from comfy_gen.mcp.service import Service
from comfy_gen.mcp.transports.remote import Remote
from tests.mcp.ways import listening
from tests.ports import free_port


@pytest.mark.parametrize(
    "url", ["", "localhost:8000", "ftp://gpu:8000", "http://", "http://gpu:port", "http://gpu/?a=b", "http://gpu/#a"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidParameterError, match="ComfyGen service"):
        Remote(url)


def test_an_address_is_told_without_its_login() -> None:
    assert Remote(" http://anna:secret@gpu:8000/pictures/ ").url == "http://gpu:8000/pictures"


async def test_where_nobody_listens_that_is_told() -> None:
    transport = Remote(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ServiceUnreachableError, match=r"127\.0\.0\.1.*refused") as caught:
        await Service(transport).get("/jobs")
    await transport.close()
    assert caught.value.hint


async def test_its_own_key_is_brought_and_the_path_of_a_proxy_is_kept() -> None:
    seen: list[tuple[str, str]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del receive
        seen.append((scope["path"], dict(scope["headers"])[b"authorization"].decode()))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async with listening(app) as url:
        transport = Remote(f"{url}/pictures/", "sesame")
        await Service(transport).get("/jobs")
        await transport.close()
        other = Remote(url, "sesame")
        await Service(other, [("authorization", "Bearer other")]).get("/jobs")
        await other.close()
    assert seen == [("/pictures/jobs", "Bearer sesame"), ("/jobs", "Bearer sesame")]


async def test_a_key_follows_no_redirection() -> None:
    asked: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del receive
        asked.append(scope["path"])
        headers = [(b"location", b"/elsewhere")]
        await send({"type": "http.response.start", "status": 307, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async with listening(app) as url:
        transport = Remote(url, "sesame")
        with pytest.raises(ServiceProblemError, match="307"):
            await Service(transport).get("/jobs")
        await transport.close()
    assert asked == ["/jobs"]


async def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    async with listening(app) as url:
        transport = Remote(url)
        assert await Service(transport).get("/") == {}
        await transport.close()


async def test_one_that_was_never_used_is_closed_too() -> None:
    await Remote("http://127.0.0.1:8000").close()


async def test_a_key_goes_along_with_a_login_in_the_url() -> None:
    told: list[dict[str, str]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del receive
        told.append({name.decode(): value.decode() for name, value in scope["headers"]})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async with listening(app) as url:
        way = Remote(url.replace("://", "://me:login@"), "the-key")
        async with way.open("GET", "/health", headers={}) as reply:
            assert await reply.read() == b"{}"
        await way.close()
    assert told[0]["authorization"] == "Basic bWU6bG9naW4="
    assert told[0]["x-api-key"] == "the-key"
