from __future__ import annotations

import httpx
import pytest
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from comfy_gen.api.compression import WORTHWHILE, Compression

LONG = ["a lighthouse at dusk"] * WORTHWHILE


async def listed(request):
    return JSONResponse(LONG if "long" in request.query_params else ["short"])


async def file(request):
    return Response(b"a" * 2 * WORTHWHILE, 206, {"Content-Range": "bytes 0-8191/9000"}, "text/plain")


async def events(request):
    async def told():
        yield {"data": "x" * WORTHWHILE}

    return EventSourceResponse(told())


@pytest.fixture
async def client():
    routes = [
        Route("/library", listed),
        Route("/artifacts/1", file),
        Route("/uploads/1", file),
        Route("/events", events),
    ]
    app = Compression(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        yield client


async def test_long_answers_are_compressed_for_those_who_can_read_that(client):
    small = await client.get("/library?long")
    assert small.headers["Content-Encoding"] == "gzip"
    assert int(small.headers["Content-Length"]) < len(str(LONG)) / 10
    assert small.json() == LONG
    plain = await client.get("/library?long", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.json() == LONG


async def test_short_answers_go_as_they_are(client):
    assert "Content-Encoding" not in (await client.get("/library")).headers


@pytest.mark.parametrize("path", ["/artifacts/1", "/uploads/1", "/events"])
async def test_files_and_streams_go_as_they_are(client, path):
    answer = await client.get(path)
    assert "Content-Encoding" not in answer.headers
    assert len(answer.content) >= WORTHWHILE
