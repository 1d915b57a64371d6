"""What is small to send and large to read is refused while it is small."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import socket
import struct
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from PIL import Image

from comfy_gen.api.access import ENTRANCE
from comfy_gen.api.bounds import UPLOAD_LIMIT, Bounds
from comfy_gen.api.problems import plainly, told_of
from comfy_gen.errors import AssetFetchError
from comfy_gen.pipeline.assets import FetchOptions, fetch
from tests.api.conftest import picture_graph
from tests.security.operations import ALL
from tests.served import PATIENCE, ServedProcess, environment_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MEGABYTE = 2**20
NODES = 100_000
JOB_ID = "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"


def png_of(width: int, height: int, *, extra: bytes = b"") -> bytes:
    """Return a picture that says it is this large, in a few bytes."""
    rows = zlib.compress(b"\0" * 1_000)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), *([(b"zTXt", extra)] if extra else []), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


# --- the size of a body


@pytest.mark.parametrize("path", sorted({one.path for one in ALL if one.body is not None}))
async def test_body_that_says_it_is_too_large_is_not_read(served, path):
    async def never() -> AsyncIterator[bytes]:
        pytest.fail("somebody read it")
        yield b""

    operation = next(one for one in ALL if one.path == path and one.body is not None)
    headers = {"Content-Length": str(UPLOAD_LIMIT + 1), "Content-Type": "application/json"}
    path = operation.at(**dict.fromkeys(operation.parameters, JOB_ID))
    answer = await served.client.request(operation.method, path, content=never(), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("path", ["/generate", "/uploads"])
async def test_body_without_an_end_is_cut_off_and_not_kept(path):
    sent, kept = 0, bytearray()

    async def endless() -> dict[str, Any]:
        nonlocal sent
        sent += MEGABYTE
        return {"type": "http.request", "body": bytes(MEGABYTE), "more_body": True}

    async def drain(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass

    async def send(message: Any) -> None:
        kept.extend(message.get("body", b""))

    limit = 10 * MEGABYTE
    bounds = Bounds(
        drain,
        limit=limit,
        answer=lambda _, error: plainly(told_of(error)),
        is_upload=lambda _, path: path == "/uploads",
        upload_limit=limit,
    )
    headers = [(b"transfer-encoding", b"chunked"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}
    tracemalloc.start()
    try:
        await bounds(scope, endless, send)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert json.loads(kept)["error"]["code"] == "body_too_large"
    assert sent <= limit + MEGABYTE
    assert most < 2 * limit


@pytest.fixture
def service(background_sandbox, tmp_path):
    """A service in a process of its own."""
    with ServedProcess(tmp_path, environment_of(background_sandbox.url, tmp_path)) as service:
        yield service


def test_service_refuses_on_the_wire_what_is_too_large_and_answers_others_meanwhile(service):
    head = f"POST /generate HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\nContent-Type: application/json\r\n"

    def connect(more: str) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", service.port), PATIENCE)
        connection.sendall(f"{head}{more}\r\n".encode())
        return connection

    with connect(f"Content-Length: {100 * MEGABYTE}\r\n") as declared:  # not one byte of it was sent
        assert declared.recv(100).startswith(b"HTTP/1.1 413 ")
    with connect("Content-Length: 50\r\n") as slow, connect("Transfer-Encoding: chunked\r\n") as endless:
        slow.sendall(b'{"prompt"')
        assert service.ask("/ready")[0] == 200
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        try:
            for _ in range(100 * MEGABYTE // 0x10000):
                endless.sendall(chunk)
            pytest.fail("all of it was taken")
        except OSError:
            pass  # it was cut off
        assert service.ask("/ready")[0] == 200
    for raw in (b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\n", b"\x00\xff" * 1_000 + b"\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", service.port), PATIENCE) as connection:
            connection.sendall(raw)
    inner = "GET /ready HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with connect(f"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}") as both:
        assert b" 200 " not in both.recv(10_000).split(b"\r\n")[0]
    assert service.ask("/ready")[0] == 200
    assert "Traceback" not in service.log


# --- graphs


def _api_graph(count: int) -> dict[str, Any]:
    return {str(number): {"class_type": "KSampler", "inputs": {"seed": number}} for number in range(count)}


def _editors_graph(count: int) -> dict[str, Any]:
    nodes = [{"id": number, "type": "KSampler", "inputs": [], "outputs": []} for number in range(count)]
    return {"nodes": nodes, "links": [], "version": 0.4}


@pytest.mark.parametrize("make", [_api_graph, _editors_graph])
async def test_graph_of_very_many_nodes_is_refused(served, make):
    graph = make(NODES)
    for method, path, body in [
        ("POST", "/generate", {"input": {"workflow_json": graph}}),
        ("PUT", "/workflows/large", graph),
    ]:
        answer = await served.client.request(method, path, json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "graph_too_large")
        assert len(answer.content) < 1_000


async def test_graph_that_is_large_where_nobody_counts_is_refused_all_the_same(served):
    graph = picture_graph()
    chains = {
        "all in one": {**graph, "3": {"class_type": "KSampler", "inputs": {f"i{n}": ["1", 0] for n in range(NODES)}}},
        "in a subgraph": {
            **_editors_graph(1),
            "definitions": {"subgraphs": [{"id": "a", **_editors_graph(NODES), "inputs": [], "outputs": []}]},
        },
    }
    for name, one in chains.items():
        answer = await served.client.post("/generate", json={"input": {"workflow_json": one}})
        assert answer.status_code < 500, name
        assert len(answer.content) < 100_000, name


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, '{"input":' + "[" * 5_000 + "]" * 5_000 + "}"])
async def test_deep_nesting_is_refused(served, text):
    for operation in [one for one in ALL if one.body is not None and one.path != "/uploads"]:
        path = operation.at(**dict.fromkeys(operation.parameters, JOB_ID))
        headers = {"Content-Type": "application/json"}
        answer = await served.client.request(operation.method, path, content=text, headers=headers)
        # Of a stranger so much is not even read.
        assert answer.status_code in ({413} if operation.path == ENTRANCE else {400, 422}), operation


@pytest.mark.parametrize("value", ["\\ud800", "\\udfff\\ud800"])
async def test_half_of_a_character_is_refused_wherever_it_stands(served, value):
    graph = json.dumps(picture_graph()).replace('"x"', f'"{value}"')
    for method, path, text in [
        ("POST", "/generate", f'{{"input": {{"workflow_json": {graph}}}}}'),
        ("POST", "/generate", f'{{"input": {{"workflow_json": {{}}, "metadata": {{"{value}": 1}}}}}}'),
        ("POST", "/generate", f'{{"input": {{"modifier": "Text2Image", "modifications": {{"prompt": "{value}"}}}}}}'),
        ("POST", "/engines", f'{{"url": "http://x", "tags": ["{value}"]}}'),
        ("POST", "/workflows/sd15/run", f'{{"inputs": {{"prompt": "{value}"}}}}'),
        ("PUT", "/workflows/half", graph),
        ("POST", "/compose", f'{{"input": "@cat {value}"}}'),
        ("POST", "/compose/preview", f'{{"input": "@cat {value}"}}'),
        ("POST", "/favorites", f'{{"generation_id": "x", "feedback": "{value}"}}'),
        ("PUT", "/presets/half", f'{{"values": {{"model": "{value}"}}}}'),
    ]:
        answer = await served.client.request(method, path, content=text, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["error"]["details"]["name"]) == (422, "the body"), path


# --- pictures


BOMBS = {
    "pixels": png_of(60_000, 60_000),
    "one long row": png_of(2**31 - 1, 1),
    "no rows": png_of(0, 0),
    "just too many": png_of(10_000, 10_000),
    "a text": png_of(8, 8, extra=b"a\0\0" + zlib.compress(bytes(100 * MEGABYTE))),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_picture_that_would_fill_the_memory_is_refused(served, name):
    tracemalloc.start()
    try:
        answer = await served.client.post("/uploads", content=BOMBS[name], headers={"Content-Type": "image/png"})
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_image")
    assert most < 50 * MEGABYTE


async def test_bombs_at_the_same_time_are_refused_like_one(served):
    sent = [served.client.post("/uploads", content=BOMBS["just too many"]) for _ in range(8)]
    assert {answer.status_code for answer in await asyncio.gather(*sent)} == {422}


async def test_asset_that_unpacks_to_more_than_may_be_is_not_unpacked():
    packed = gzip.compress(bytes(200 * MEGABYTE))

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    tracemalloc.start()
    try:
        with pytest.raises(AssetFetchError):
            await fetch(
                f"http://127.0.0.1:{runner.addresses[0][1]}/", FetchOptions(max_bytes=MEGABYTE, allow_private=True)
            )
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        await runner.cleanup()
    assert most < 20 * MEGABYTE


async def test_body_that_is_packed_is_not_unpacked(served):
    packed = gzip.compress(b" " * (50 * MEGABYTE))
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = await served.client.post("/generate", content=packed, headers=headers)
    assert answer.status_code in {400, 415, 422}


def test_picture_is_otherwise_one_that_is_read():
    assert Image.open(io.BytesIO(png_of(8, 8))).size == (8, 8)
