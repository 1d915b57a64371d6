from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.errors import ServiceProblemError, ServiceUnreachableError
from comfy_gen.mcp.service import Service
from comfy_gen.mcp.transports.in_process import InProcess, passed_on
from tests.api.conftest import serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.api.conftest import Served

__all__ = ["serve"]

START = {"type": "http.response.start", "status": 200, "headers": []}


async def test_an_application_knows_who_asks_and_by_which_address() -> None:
    seen: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del receive
        seen.append(scope)
        await send(START)
        await send({"type": "http.response.body", "body": b"{}"})

    transport = InProcess(app, url="https://pictures.example/", client=("10.0.0.7", 4000))
    await Service(transport).get("/a b", c="d")
    assert transport.url == "https://pictures.example"
    scope = seen[0]
    assert scope["client"] == ("10.0.0.7", 4000)
    assert (scope["scheme"], scope["path"], scope["query_string"]) == ("https", "/a b", b"c=d")
    assert (b"host", b"pictures.example") in scope["headers"]


@pytest.mark.parametrize("headers", [[("host", "other.example")], [("Host", "other.example")]])
async def test_a_host_that_was_said_goes_before_the_address(headers: list[tuple[str, str]]) -> None:
    hosts: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del receive
        hosts.extend(value for name, value in scope["headers"] if name == b"host")
        await send(START)
        await send({"type": "http.response.body", "body": b"{}"})

    await Service(InProcess(app), headers).get("/")
    assert hosts == [b"other.example"]


async def test_somebody_elsewhere_is_not_taken_for_somebody_here(serve: Callable[..., Awaitable[Served]]) -> None:
    served = await serve()
    with pytest.raises(ServiceProblemError) as caught:
        await Service(InProcess(served.app, client=("10.0.0.7", 4000))).get("/jobs")
    assert caught.value.status == 401
    client = await served.caller("anna")
    service = Service(InProcess(served.app, client=("10.0.0.7", 4000)), [("X-API-Key", client.headers["X-API-Key"])])
    assert (await service.get("/jobs"))["jobs"] == []


def test_what_says_who_asks_is_passed_on_and_nothing_else() -> None:
    headers = [(b"Authorization", b"Bearer k"), (b"content-length", b"7"), (b"X-Forwarded-For", b"10.0.0.7")]
    headers += [(b"mcp-session-id", b"s"), (b"host", b"h"), (b"cookie", b"c"), (b"origin", b"o")]
    assert passed_on(headers) == [
        ("authorization", "Bearer k"),
        ("x-forwarded-for", "10.0.0.7"),
        ("host", "h"),
        ("origin", "o"),
    ]


@pytest.mark.parametrize("does_raise", [True, False])
async def test_an_application_that_ends_without_an_answer_is_told_as_such(*, does_raise: bool) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive, send
        if does_raise:
            raise RuntimeError("a bug")

    with pytest.raises(ServiceUnreachableError, match="without an answer"):
        await Service(InProcess(app)).get("/")


async def test_an_application_that_is_not_read_waits_and_then_hears_that_nobody_does() -> None:
    sent, heard = 0, asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal sent
        del scope
        await receive()
        await send(START)
        asking = asyncio.create_task(receive())
        while not asking.done():
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            await asyncio.sleep(0)
            sent += 1
        assert asking.result() == {"type": "http.disconnect"}
        heard.set()

    async with InProcess(app).open("GET", "/", headers={}) as reply:
        for _ in range(100):
            await asyncio.sleep(0)
        assert sent < 20
        assert reply.status == 200
    assert heard.is_set()


async def test_one_that_does_not_hear_it_is_ended() -> None:
    ended = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        await send(START)
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with InProcess(app, grace=0.01).open("GET", "/", headers={}):
        pass
    assert ended.is_set()


async def test_what_is_done_after_an_answer_is_done_to_its_end() -> None:
    may_go_on, is_done = asyncio.Event(), asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        await send(START)
        await send({"type": "http.response.body", "body": b"{}"})
        await may_go_on.wait()
        is_done.set()

    transport = InProcess(app)
    assert await Service(transport).get("/") == {}
    assert not is_done.is_set()
    may_go_on.set()
    await transport.close()
    assert is_done.is_set()


async def test_closing_ends_what_would_go_on_forever() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        await send(START)
        await send({"type": "http.response.body", "body": b"{}"})
        await asyncio.Event().wait()

    transport = InProcess(app, grace=0.01)
    await Service(transport).get("/")
    async with asyncio.timeout(5):
        await transport.close()
