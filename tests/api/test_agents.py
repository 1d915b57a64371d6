"""``/mcp``: who is answered there, and with whose rights; what tools do is tested where they are."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from structlog.contextvars import get_contextvars

from comfy_gen.api.agents import PATH, Absence, options_of
from comfy_gen.config import AgentOptions
from tests.api.conftest import client_of, events_in, picture_graph

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.api.conftest import Served

    Serve = Callable[..., Awaitable[Served]]

VERSION = "2025-06-18"
"""Of the protocol: that of most programs."""
HEADERS = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": VERSION}


async def say(client: httpx.AsyncClient, method: str, **params: Any) -> httpx.Response:
    """Send one message as an agent does."""
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return await client.post(PATH, json=message, headers=HEADERS)


async def answer_to(client: httpx.AsyncClient, method: str, **params: Any) -> Any:
    """Return the result of one message."""
    told = await say(client, method, **params)
    assert told.status_code == 200, told.text
    return events_in(told.text)[-1]["data"]["result"]


async def call(client: httpx.AsyncClient, tool: str, **arguments: Any) -> Any:
    return await answer_to(client, "tools/call", name=tool, arguments=arguments)


async def test_agents_are_told_of_the_tools(serve: Serve):
    served = await serve()
    names = {tool["name"] for tool in (await answer_to(served.client, "tools/list"))["tools"]}
    assert {"generate_image", "get_progress", "wait", "cancel"} <= names


async def test_no_message_needs_another_one_before_it(serve: Serve):
    served = await serve()
    params = {"protocolVersion": VERSION, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    greeted = await say(served.client, "initialize", **params)
    assert "mcp-session-id" not in greeted.headers
    assert (await answer_to(served.client, "tools/list"))["tools"]


async def test_whoever_has_no_key_is_refused_where_there_are_keys(serve: Serve):
    served = await serve()
    await served.caller("somebody")
    told = await say(served.client, "tools/list")
    assert (told.status_code, told.json()["error"]["code"]) == (401, "unauthorized")
    assert told.headers["www-authenticate"] == "Bearer"


async def test_tools_may_do_what_the_key_may(serve: Serve):
    served = await serve()
    reader = await served.caller("reader", "read")
    assert not (await call(reader, "list_jobs"))["isError"]
    refused = await call(reader, "generate_from_workflow", workflow="sd15", parameters={"prompt": "a lighthouse"})
    assert refused["isError"]
    assert "error[forbidden]" in refused["content"][0]["text"]


async def test_jobs_of_others_are_not_seen(serve: Serve):
    served = await serve()
    one, other = await served.caller("one"), await served.caller("other")
    job_id = await served.job(client=one)
    assert (await call(one, "get_progress", prompt_id=job_id))["structuredContent"]["status"] != "not_found"
    assert (await call(other, "get_progress", prompt_id=job_id))["structuredContent"]["status"] == "not_found"


async def test_address_of_who_asks_is_that_of_the_message(serve: Serve):
    """As long as there is no key the owner's machine may do everything, and others nothing: tools are no way around."""
    served = await serve(access="open")
    async with client_of(served.app, peer="192.0.2.7") as guest:
        assert not (await call(guest, "list_jobs"))["isError"]
        refused = await guest.post("/engines/x/drain")
        assert refused.status_code == 403


async def test_saved_workflow_is_a_tool(serve: Serve):
    served = await serve(mcp={"workflow_tools": True})
    kept = await served.client.put("/workflows/tiny", json=picture_graph())
    assert kept.status_code == 201, kept.text
    names = {tool["name"] for tool in (await answer_to(served.client, "tools/list"))["tools"]}
    assert "workflow_tiny" in names
    done = await call(served.client, "workflow_tiny")
    assert done["structuredContent"]["status"] == "completed", done


async def test_requests_of_a_message_have_its_id(serve: Serve):
    served, seen = await serve(), list[tuple[str, str]]()

    class Seen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append((vars(record).get("path", ""), get_contextvars().get("request_id", "")))

    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_jobs", "arguments": {}}}
    log, handler = logging.getLogger("comfy_gen.api.requests"), Seen()
    log.addHandler(handler)
    try:
        await served.client.post(PATH, json=message, headers={**HEADERS, "X-Request-ID": "one-of-mine"})
    finally:
        log.removeHandler(handler)
    assert {("/jobs", "one-of-mine"), (PATH, "one-of-mine")} <= set(seen)


async def test_links_begin_with_the_address_that_the_message_came_to(serve: Serve):
    served = await serve()
    job_id = (await served.done())["id"]
    shown = (await call(served.client, "wait", prompt_id=job_id))["structuredContent"]
    assert shown["url"].startswith("http://127.0.0.1:8000/")


async def test_messages_count_as_requests(serve: Serve):
    served = await serve(rate="3/minute")
    told = [(await say(served.client, "ping")).status_code for _ in range(4)]
    assert told == [200, 200, 200, 429]


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Host": "rebound.example"}])
async def test_pages_of_other_sites_are_refused(serve: Serve, headers: dict[str, str]):
    served = await serve()
    told = await served.client.post(PATH, json={}, headers={**HEADERS, **headers})
    assert (told.status_code, told.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_nothing_is_said_that_nobody_asked_for(serve: Serve, method: str):
    served = await serve()
    told = await served.client.request(method, PATH, headers=HEADERS)
    assert (told.status_code, told.headers["allow"]) == (405, "POST")
    assert told.json()["error"]["code"] == "method_not_allowed"


async def test_even_that_is_not_said_to_strangers(serve: Serve):
    served = await serve(access="keys")
    assert (await served.client.get(PATH)).status_code == 401


async def test_messages_may_be_as_large_as_other_requests(serve: Serve):
    served = await serve(max_body=6_000_000)
    large = {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"_meta": {"x": "y" * 5_000_000}}}
    assert (await served.client.post(PATH, json=large, headers=HEADERS)).status_code == 200
    larger = {**large, "params": {"_meta": {"x": "y" * 7_000_000}}}
    assert (await served.client.post(PATH, json=larger, headers=HEADERS)).status_code == 413


async def test_requests_are_counted_under_their_route(serve: Serve):
    served = await serve()
    await say(served.client, "ping")
    metrics = (await served.client.get("/metrics")).text
    assert f'method="POST",route="{PATH}"' in metrics


async def test_missing_sdk_is_named():
    transport = httpx.ASGITransport(Starlette(routes=[Route(PATH, Absence())]))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        told = await client.post(PATH, json={})
    assert told.status_code == 404
    assert json.loads(told.text)["error"]["code"] == "missing_extra"


def test_settings_are_what_the_server_gets(tmp_path):
    given = AgentOptions(folders=(tmp_path,), image_budget=20_000, patience=9, workflow_tools=True)
    options = options_of(given)
    assert (options.folders, options.image_budget, options.patience) == ((tmp_path,), 20_000, 9)
    assert options.has_workflow_tools
