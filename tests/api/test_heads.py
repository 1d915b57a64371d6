"""HEAD is answered wherever GET is, as GET is, without a body."""

from __future__ import annotations

import asyncio

import pytest

from tests.api.conftest import PATIENCE

PATHS = ["/health", "/ready", "/queue-info", "/jobs", "/", "/openapi.json", "/comfyui/queue", "/v1/models"]


async def test_head_is_answered_as_get_is(served):
    for path in PATHS:
        got, head = await served.client.get(path), await served.client.head(path)
        assert (head.status_code, head.content, path) == (got.status_code, b"", path)
        assert head.headers.get("content-type") == got.headers.get("content-type")
        assert int(head.headers["content-length"]) > 0, path


async def test_head_of_a_stream_ends(served):
    job_id = await served.job()
    async with asyncio.timeout(PATIENCE):
        for path in ("/events", f"/jobs/{job_id}/events"):
            answer = await served.client.head(path)
            assert (answer.status_code, answer.content) == (200, b"")
            assert answer.headers["content-type"].startswith("text/event-stream")


async def test_head_needs_the_key_that_get_needs(served):
    await served.caller("anna")
    assert (await served.client.head("/jobs")).status_code == 401
    assert (await served.client.head("/health")).status_code == 200


async def test_head_is_counted_as_what_it_is(served):
    await served.client.head("/queue-info")
    told = (await served.client.get("/metrics")).text
    assert 'method="HEAD",route="/queue-info",status="200"' in told


@pytest.mark.parametrize(("path", "allowed"), [("/generate", "POST"), ("/nowhere", None)])
async def test_head_of_what_has_no_get_is_refused(served, path, allowed):
    answer = await served.client.head(path)
    assert (answer.status_code, answer.headers.get("allow")) == ((405 if allowed else 404), allowed)


async def test_refusal_names_head_beside_get(served):
    answer = await served.client.delete("/health")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
