"""What holds for every way to a service: the real application, and small ones that misbehave."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, aclosing
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.errors import ServiceProblemError, ServiceUnreachableError
from comfy_gen.mcp.service import Service, path_to
from comfy_gen.sandbox import SandboxOptions
from tests.api.conftest import picture_graph, serve
from tests.mcp.ways import KINDS, Kind, way_to

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from comfy_gen.mcp.transports.transport import Transport
    from tests.api.conftest import Served

__all__ = ["serve"]

JOB = "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"
SAMPLED: dict[str, Any] = {"prompt": "a lighthouse", "workflow": "sd15", "width": 256, "height": 256, "steps": 3}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Which way."""
    return request.param


@pytest.fixture
async def way(kind: Kind) -> AsyncIterator[Callable[[Any], Awaitable[Transport]]]:
    """Open a way to an application: ``await way(app)``."""
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        yield lambda app: stack.enter_async_context(way_to(app, kind))


@pytest.fixture
async def served(serve: Callable[..., Awaitable[Served]]) -> Served:
    """The real application, over an engine that takes a moment for each step."""
    return await serve(engine=SandboxOptions(step_time=0.02))


@pytest.fixture
async def service(served: Served, way: Callable[[Any], Awaitable[Transport]]) -> Service:
    """The real one, by that way."""
    return Service(await way(served.app))


async def test_what_is_asked_is_answered(service: Service) -> None:
    assert (await service.get("/health"))["database_available"] is True


async def test_parameters_are_left_out_repeated_and_said_as_json_has_them(service: Service) -> None:
    page = await service.get("/jobs", state=["queued", "failed"], text=None, limit=1)
    assert page == {"jobs": [], "next": None}
    assert (await service.get("/library", favorites=True))["generations"] == []


async def test_a_body_arrives_with_what_makes_it_safe_to_send_again(service: Service) -> None:
    body = {"input": {"workflow_json": picture_graph()}}
    first = await service.post("/generate", body, idempotency_key="once")
    assert (await service.post("/generate", body, idempotency_key="once"))["id"] == first["id"]


async def test_something_is_kept_and_forgotten(service: Service) -> None:
    kept = await service.put("/presets/mine", {"values": {"steps": 5}})
    assert kept["name"] == "mine"
    await service.delete("/presets/mine")
    with pytest.raises(ServiceProblemError) as caught:
        await service.get("/presets/mine")
    assert caught.value.service_code == "preset_not_found"


async def test_a_refusal_has_the_code_message_and_hint_of_the_service(service: Service) -> None:
    with pytest.raises(ServiceProblemError) as caught:
        await service.get(path_to("jobs", JOB))
    error = caught.value
    assert (error.status, error.service_code, error.code) == (404, "job_not_found", "service_refused")
    assert JOB in error.message
    assert error.hint
    assert error.details["job_id"] == JOB


async def test_a_name_with_strange_letters_stays_one_part_of_the_path(service: Service) -> None:
    with pytest.raises(ServiceProblemError) as caught:
        await service.get(path_to("workflows", "a?b#c d%2Fe"))
    assert caught.value.service_code == "workflow_not_found"
    assert "a?b#c d%2Fe" in caught.value.message


async def test_an_upload_and_a_file_keep_their_bytes(service: Service, served: Served) -> None:
    done = await served.done()
    content, kind = await service.content(path_to("artifacts", done["output"][0]["id"]))
    assert kind == "image/png"
    assert len(content) == done["output"][0]["size"]
    uploaded = await service.upload(content)
    assert uploaded["sha256"] == done["output"][0]["sha256"]


async def test_events_come_while_the_job_goes_on_and_end_with_its_result(service: Service) -> None:
    job = await service.post("/generate", SAMPLED)
    states: list[str] = []
    ends: list[dict[str, Any]] = []
    async for event in service.events(job["id"]):
        if event.type == "progress":
            states.append((await service.get(path_to("jobs", job["id"])))["state"])
        ends += [event.data] if event.type == "end" else []
    assert [end["status"] for end in ends] == ["completed"]
    assert "generating" in states


async def test_events_go_on_after_the_last_that_was_seen(service: Service, served: Served) -> None:
    job_id = (await served.done())["id"]
    numbers = [event.number async for event in service.events(job_id)]
    assert [event.number async for event in service.events(job_id, after=numbers[-3] or 0)] == numbers[-2:]


async def test_a_stream_that_nobody_reads_any_more_ends_in_the_application(service: Service, served: Served) -> None:
    await served.client.post("/queue/pause")
    job_id = await served.job()
    async with aclosing(service.events(job_id)) as events:
        assert (await anext(events)).type == "state"
    assert (await service.get(path_to("jobs", job_id)))["state"] == "queued"


async def test_whoever_follows_a_job_that_is_not_there_is_told(service: Service) -> None:
    with pytest.raises(ServiceProblemError, match=JOB):
        await anext(service.events(JOB))


class _Broken:
    """An application whose stream breaks off after each event."""

    def __init__(self) -> None:
        self.asked_after: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        del receive
        after = dict(scope["headers"])[b"last-event-id"].decode()
        self.asked_after.append(after)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        number = int(after) + 1
        kind = "end" if number == 3 else "state"
        text = f"id: {number}\r\nevent: {kind}\r\ndata: {json.dumps({'n': number})}\r\n\r\n"
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        if len(self.asked_after) == 1:
            raise RuntimeError("the stream breaks off here")
        await send({"type": "http.response.body", "body": b""})


async def test_events_go_on_where_they_were_after_the_stream_broke_off(
    way: Callable[[Any], Awaitable[Transport]],
) -> None:
    app = _Broken()
    found = [event.data["n"] async for event in Service(await way(app)).events(JOB)]
    assert found == [1, 2, 3]
    assert app.asked_after == ["0", "1", "2"]


async def test_an_answer_that_breaks_off_is_told_as_such(way: Callable[[Any], Awaitable[Transport]]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        headers = [(b"content-length", b"100"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"a":', "more_body": True})
        raise RuntimeError("it breaks off here")

    with pytest.raises(ServiceUnreachableError):
        await Service(await way(app)).get("/jobs")


async def test_what_is_no_comfygen_is_told_as_such(way: Callable[[Any], Awaitable[Transport]]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        del receive
        status = 200 if scope["path"] == "/page" else 502
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"<h1>hello</h1>"})

    service = Service(await way(app))
    for path in ("/page", "/broken"):
        with pytest.raises(ServiceProblemError) as caught:
            await service.get(path)
        assert caught.value.service_code == "not_comfygen"


async def test_headers_and_bodies_arrive_as_they_were_said(way: Callable[[Any], Awaitable[Transport]]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        told = {name.decode(): value.decode() for name, value in scope["headers"]}
        told = {"method": scope["method"], "body": body.decode(), "query": scope["query_string"].decode(), **told}
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()})

    service = Service(await way(app), [("X-API-Key", "sesame")])
    told = await service.post("/here", {"a": "ü"}, params={"b": "c d"}, idempotency_key="k")
    assert told["method"] == "POST"
    assert json.loads(told["body"]) == {"a": "ü"}
    assert told["query"] == "b=c+d"
    assert told["x-api-key"] == "sesame"
    assert told["idempotency-key"] == "k"
    assert told["content-type"] == "application/json"
    assert told["host"].startswith("127.0.0.1:")


async def test_a_large_answer_is_read_to_its_end(way: Callable[[Any], Awaitable[Transport]]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(100):
            await send({"type": "http.response.body", "body": b"x" * 1_000, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    content, _ = await Service(await way(app)).content("/file")
    assert len(content) == 100_000
